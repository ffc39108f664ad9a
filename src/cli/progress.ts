/**
 * How far the reading of a large input has come, on one line of a terminal that is written over.
 */
import type { Io, Terminal } from './io.ts'
import { forTerminal } from './terminal.ts'

/** Milliseconds between two updates: more would flicker, and cost. */
const UPDATE_INTERVAL = 200

const MIB = 1024 * 1024

/** The progress of one input. */
export class Progress {
  readonly #io: Io
  readonly #terminal: Terminal
  readonly #name: string
  readonly #size: number | undefined
  readonly #begun: number
  #octets = 0
  #updated = Number.NEGATIVE_INFINITY
  /** Characters of the line on the terminal. */
  #shown = 0
  #stopListening: (() => void) | undefined

  /**
   * @param terminal where it is shown
   * @param name of the input
   * @param size octets of the input, where they are known
   */
  constructor(io: Io, terminal: Terminal, name: string, size: number | undefined) {
    this.#io = io
    this.#terminal = terminal
    this.#name = forTerminal(name)
    this.#size = size
    this.#begun = io.now()
  }

  /** So many more octets were read. */
  add(octets: number): void {
    this.#octets += octets
    // An input whose size nobody knows is shown once it turns out to be large.
    if ((this.#size ?? this.#octets) <= this.#io.largeOctets) return
    const now = this.#io.now()
    if (now - this.#updated < UPDATE_INTERVAL) return
    this.#updated = now
    // The prompt of the shell starts on a line of its own.
    this.#stopListening ??= this.#io.onInterrupt(() => this.#io.complain('\n'))
    this.#show(this.#underWay())
  }

  /** Leaves the line as it is to stay: with the sum where the input was read to its end, else as far as it came. */
  end(isComplete: boolean): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    if (this.#shown === 0) return
    this.#show(isComplete ? this.#summary() : this.#underWay())
    this.#io.complain('\n')
    this.#shown = 0
  }

  #underWay(): string {
    const size = this.#size ?? 0
    // A file may grow while it is read.
    const isKnown = size > 0 && this.#octets <= size
    const of = isKnown ? ` of ${mebioctets(size)}` : ''
    const percent = isKnown ? `  ${String(Math.floor((100 * this.#octets) / size)).padStart(3)} %` : ''
    return `${mebioctets(this.#octets)}${of}${percent}  ${this.#throughput()}`
  }

  #summary(): string {
    return `${mebioctets(this.#octets)} in ${(this.#elapsed() / 1000).toFixed(1)} s, ${this.#throughput()}`
  }

  #elapsed(): number {
    return Math.max(this.#io.now() - this.#begun, 1)
  }

  #throughput(): string {
    return `${mebioctets(Math.round(this.#octets / (this.#elapsed() / 1000)))}/s`
  }

  /** Writes over what is there, with blanks to its end, and never to the last column: that would begin a new line. */
  #show(figures: string): void {
    const room = this.#terminal.columns - 1
    const nameRoom = Math.max(room - figures.length - 2, 0)
    const name = this.#name.length <= nameRoom ? this.#name : `${this.#name.slice(0, Math.max(nameRoom - 1, 0))}…`
    const line = (nameRoom === 0 ? figures : `${name}: ${figures}`).slice(0, room)
    this.#io.complain(`\r${line.padEnd(Math.min(this.#shown, room))}`)
    this.#shown = line.length
  }
}

function mebioctets(octets: number): string {
  return `${(octets / MIB).toFixed(1)} MiB`
}
