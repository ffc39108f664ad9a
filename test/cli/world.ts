/** A world for a command to run in: files, standard input and output in memory. */
import { Buffer } from 'node:buffer'
import type { Io, Source } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

type Content = string | Uint8Array

export interface World {
  readonly files?: Readonly<Record<string, Content>>
  /** Without it standard input is a terminal, and cannot be read. */
  readonly stdin?: Content
  readonly isTerminal?: boolean
  /** Characters in a line of standard output, where it is a terminal. */
  readonly columns?: number
  /** Characters in a line of standard error, which is a terminal then. */
  readonly errorColumns?: number
  readonly environment?: Readonly<Record<string, string>>
  /** Inputs of more octets are large. */
  readonly largeOctets?: number
  /** Octets that arrive at a time. */
  readonly pieceOctets?: number
  /** Milliseconds that pass until the next piece arrives. */
  readonly pieceTime?: number
  /** The piece that the user interrupts the process before, or that cannot be read. */
  readonly interruptedAt?: number
  readonly failsAt?: number
  /** What every write to standard output, and every file written, fails with. */
  readonly outputError?: Error
}

/** What a run left behind. */
export interface Outcome {
  readonly exitCode: number
  readonly octets: Buffer
  readonly stdout: string
  readonly stderr: string
  /** What was written to standard error, one by one. */
  readonly complaints: readonly string[]
  readonly written: ReadonlyMap<string, Buffer>
  /** Octets that were put aside on disk. */
  readonly spooled: number
  /** Spools and listeners that are still there. */
  readonly leftOpen: number
}

/** Runs the command line `mimecal …args`. */
export async function mimecal(args: readonly string[], world: World = {}): Promise<Outcome> {
  const output: Buffer[] = []
  const written = new Map<string, Buffer>()
  const complaints: string[] = []
  const listeners = new Set<() => void>()
  let clock = 1000
  let spooled = 0
  let spools = 0

  async function* pieces(content: Content): AsyncGenerator<Uint8Array> {
    const octets = Buffer.from(content)
    const step = world.pieceOctets ?? 65_536
    for (let start = 0, piece = 0; start < octets.length; start += step, piece++) {
      clock += world.pieceTime ?? 0
      if (piece === world.interruptedAt) for (const listener of listeners) listener()
      if (piece === world.failsAt) throw systemError('EIO', 'i/o error, read', 'read')
      yield octets.subarray(start, start + step)
    }
  }
  const unreadable: Source = {
    size: undefined,
    // biome-ignore lint/correctness/useYield: it fails before
    chunks: (async function* () {
      throw systemError('EISDIR', 'illegal operation on a directory, read', 'read')
    })(),
  }

  const io: Io = {
    terminal: world.isTerminal === true ? { columns: world.columns ?? 80 } : undefined,
    errorTerminal: world.errorColumns === undefined ? undefined : { columns: world.errorColumns },
    isInputTerminal: world.stdin === undefined,
    environment: world.environment ?? {},
    largeOctets: world.largeOctets ?? 50 * 1024 * 1024,
    async openFile(path) {
      const content = world.files?.[path]
      if (content !== undefined) return { size: Buffer.from(content).length, chunks: pieces(content) }
      throw systemError('ENOENT', `no such file or directory, open '${path}'`, 'open')
    },
    openStdin: () => (world.stdin === undefined ? unreadable : { size: undefined, chunks: pieces(world.stdin) }),
    async openSpool() {
      const kept: Buffer[] = []
      spools++
      return {
        async append(octets) {
          kept.push(Buffer.from(octets))
          spooled += octets.length
        },
        async *read(start, end) {
          const octets = Buffer.concat(kept)
          for (let at = start; at < end; at += 999) yield octets.subarray(at, Math.min(at + 999, end))
        },
        async close() {
          spools--
        },
      }
    },
    async writeFile(path, chunks) {
      if (world.outputError !== undefined) throw world.outputError
      const received: Uint8Array[] = []
      for await (const chunk of chunks) received.push(chunk)
      written.set(path, Buffer.concat(received))
    },
    async write(chunk) {
      if (world.outputError !== undefined) throw world.outputError
      output.push(Buffer.from(chunk))
    },
    complain(text) {
      complaints.push(text)
    },
    onInterrupt(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    now: () => clock,
    version: async () => '1.2.3',
  }
  const exitCode = await run(args, io)
  const octets = Buffer.concat(output)
  return {
    exitCode,
    octets,
    stdout: octets.toString(),
    stderr: complaints.join(''),
    complaints,
    written,
    spooled,
    leftOpen: spools + listeners.size,
  }
}

/** An error as Node makes it of one of the platform. */
export function systemError(code: string, text: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code, syscall })
}
