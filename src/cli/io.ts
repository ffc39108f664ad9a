/**
 * What a command sees of the world. Tests give it one of their own.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

/** The world as a command sees it. */
export interface Io {
  /** True where standard output is a terminal. */
  readonly isTerminal: boolean
  /** Octets of a file; rejects with the error of the platform. */
  readFile(path: string): Promise<Uint8Array>
  /** Octets of standard input up to its end. */
  readStdin(): Promise<Uint8Array>
  /** Writes a file, in place of what it held. */
  writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void>
  /** Writes to standard output; resolves when the chunk is on its way. */
  write(chunk: Uint8Array | string): Promise<void>
  /** Writes to standard error. */
  complain(text: string): void
  /** The version of the package. */
  version(): Promise<string>
}

/** The world of this process. */
export function processIo(): Io {
  const { stdin, stdout, stderr } = process
  // Without a listener an error, EPIPE the usual one, would end the process; each write is told of its own.
  stdout.on('error', () => {})
  stderr.on('error', () => {})
  return {
    isTerminal: stdout.isTTY === true,
    readFile: path => readFile(path),
    readStdin: () => buffer(stdin),
    writeFile: (path, chunks) => writeFile(path, chunks),
    write: chunk =>
      new Promise((resolve, reject) => {
        stdout.write(chunk, error => (error ? reject(error) : resolve()))
      }),
    complain: text => {
      stderr.write(text)
    },
    version: readVersion,
  }
}

async function readVersion(): Promise<string> {
  // From src/cli and from dist/cli alike.
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
