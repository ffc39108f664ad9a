/**
 * What a command sees of the world. Tests give it one of their own.
 */
import { fstatSync } from 'node:fs'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isatty } from 'node:tty'

/** A stream of output that is a terminal. */
export interface Terminal {
  /** Characters in a line, now. */
  readonly columns: number
}

/** Where octets come from. */
export interface Source {
  /** Octets, where the platform knows: of a file, not of a pipe. */
  readonly size: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Octets that are put aside, on disk: what is too large for memory. */
export interface Spool {
  append(octets: Uint8Array): Promise<void>
  /** What stands between two offsets in octets, in chunks of a multiple of three octets but for the last one. */
  read(start: number, end: number): AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** The world as a command sees it. */
export interface Io {
  /** Standard output; undefined where it is no terminal. */
  readonly terminal: Terminal | undefined
  /** Standard error; undefined where it is no terminal. */
  readonly errorTerminal: Terminal | undefined
  /** True where standard input is a terminal: somebody would have to type a message. */
  readonly isInputTerminal: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Inputs of more octets than this are not held in memory, and how far their reading has come is shown. */
  readonly largeOctets: number
  /** Opens a file; rejects, or its chunks do, with the error of the platform. */
  openFile(path: string): Promise<Source>
  /** Opens standard input. */
  openStdin(): Source
  openSpool(): Promise<Spool>
  /** Writes a file, in place of what it held. */
  writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Writes to standard output; resolves when the chunk is on its way. */
  write(chunk: Uint8Array | string): Promise<void>
  /** Writes to standard error. */
  complain(text: string): void
  /** Has something done where the user interrupts the process (SIGINT), which ends then; returns how to undo that. */
  onInterrupt(listener: () => void): () => void
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  /** The version of the package. */
  version(): Promise<string>
}

const LARGE_OCTETS = 50 * 1024 * 1024

/** Octets that are read at a time. */
const CHUNK_OCTETS = 256 * 1024

/** The world of this process. */
export function processIo(): Io {
  const { stdout, stderr } = process
  // Without a listener an error, EPIPE the usual one, would end the process; each write is told of its own.
  stdout.on('error', () => {})
  stderr.on('error', () => {})
  return {
    terminal: terminalOf(stdout),
    errorTerminal: terminalOf(stderr),
    isInputTerminal: isatty(0),
    environment: process.env,
    largeOctets: LARGE_OCTETS,
    openFile,
    openStdin: () => ({ size: sizeOfStdin(), chunks: process.stdin }),
    openSpool,
    writeFile: (path, chunks) => writeFile(path, chunks),
    write: chunk =>
      new Promise((resolve, reject) => {
        stdout.write(chunk, error => (error ? reject(error) : resolve()))
      }),
    complain: text => {
      stderr.write(text)
    },
    onInterrupt: listener => {
      const interrupted = (): void => {
        listener()
        // Nobody listens any more: this ends the process, and the shell sees by what.
        process.kill(process.pid, 'SIGINT')
      }
      process.once('SIGINT', interrupted)
      return () => process.off('SIGINT', interrupted)
    },
    now: () => performance.now(),
    version: readVersion,
  }
}

function terminalOf(stream: NodeJS.WriteStream): Terminal | undefined {
  // A terminal that does not know its width says 0.
  return stream.isTTY === true ? { columns: stream.columns || 80 } : undefined
}

async function openFile(path: string): Promise<Source> {
  const handle = await open(path)
  const stats = await handle.stat()
  return {
    size: stats.isFile() ? stats.size : undefined,
    chunks: handle.createReadStream({ highWaterMark: CHUNK_OCTETS }),
  }
}

function sizeOfStdin(): number | undefined {
  try {
    const stats = fstatSync(0)
    return stats.isFile() ? stats.size : undefined
  } catch {
    // Closed: reading it tells.
    return undefined
  }
}

/** A file that has no name: however the process ends, nothing of a message stays on the disk. */
async function openSpool(): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'mimecal-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 })
  const handle = await open(join(folder, 'contents'), 'wx+', 0o600)
  // Some platforms remove no file that is open; there it is done at the end.
  const isRemoved = await remove().then(
    () => true,
    () => false,
  )
  let size = 0
  return {
    append: async octets => {
      for (let written = 0; written < octets.length; ) {
        const { bytesWritten } = await handle.write(octets, written, octets.length - written, size)
        written += bytesWritten
        size += bytesWritten
      }
    },
    read: async function* (start, end) {
      const chunk = Buffer.allocUnsafe(3 * CHUNK_OCTETS)
      for (let position = start; position < end; ) {
        let filled = 0
        const wanted = Math.min(chunk.length, end - position)
        while (filled < wanted) {
          const { bytesRead } = await handle.read(chunk, filled, wanted - filled, position + filled)
          if (bytesRead === 0) throw new Error('what was put aside is gone')
          filled += bytesRead
        }
        position += filled
        yield chunk.subarray(0, filled)
      }
    },
    close: async () => {
      await handle.close()
      if (!isRemoved) await remove()
    },
  }
}

async function readVersion(): Promise<string> {
  // From src/cli and from dist/cli alike.
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
