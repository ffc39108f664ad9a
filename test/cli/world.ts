/** A world for a command to run in: files, standard input and output in memory. */
import type { Io } from '../../src/cli/io.ts'
import { run } from '../../src/cli/run.ts'

type Content = string | Uint8Array

export interface World {
  readonly files?: Readonly<Record<string, Content>>
  readonly stdin?: Content
  readonly isTerminal?: boolean
  /** What every write to standard output, and every file written, fails with. */
  readonly outputError?: Error
}

/** What a run left behind. */
export interface Outcome {
  readonly exitCode: number
  readonly octets: Buffer
  readonly stdout: string
  readonly stderr: string
  readonly written: ReadonlyMap<string, Buffer>
}

/** Runs the command line `mimecal …args`. */
export async function mimecal(args: readonly string[], world: World = {}): Promise<Outcome> {
  const output: Buffer[] = []
  const written = new Map<string, Buffer>()
  let stderr = ''
  const io: Io = {
    isTerminal: world.isTerminal === true,
    async readFile(path) {
      const content = world.files?.[path]
      if (content !== undefined) return Buffer.from(content)
      throw systemError('ENOENT', `no such file or directory, open '${path}'`, 'open')
    },
    async readStdin() {
      if (world.stdin !== undefined) return Buffer.from(world.stdin)
      throw systemError('EISDIR', 'illegal operation on a directory, read', 'read')
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
      stderr += text
    },
    version: async () => '1.2.3',
  }
  const exitCode = await run(args, io)
  const octets = Buffer.concat(output)
  return { exitCode, octets, stdout: octets.toString(), stderr, written }
}

/** An error as Node makes it of one of the platform. */
export function systemError(code: string, text: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code, syscall })
}
