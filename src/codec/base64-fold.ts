/**
 * The WebAssembly kernel that folds base64 text into lines of 76 characters: RFC 2045 §6.8.
 *
 * An accelerator and nothing more: ./base64.ts has the same fold in plain JavaScript and uses it wherever this one is
 * not to be had. Its source is ./base64-fold.wat, which also says how MODULE is built from it.
 */
import { Buffer } from 'node:buffer'

/** The 154 octets of the compiled ./base64-fold.wat, in base64. */
const MODULE =
  'AGFzbQEAAAABBwFgA39/fwADAgEABQMBAAMHEQIGbWVtb3J5AgAEZm9sZAAACmsBaQAgAkUEQA8LA0AgASAA/QAAAP0LAAAgASAA/QAAEP0LABAg' +
  'ASAA/QAAIP0LACAgASAA/QAAMP0LADAgASAA/QAAPP0LADwgAUGNFDsATCAAQcwAaiEAIAFBzgBqIQEgAkEBayICDQALCw=='

/** Most lines that one call can fold: the memory of the module has room for these. */
export const FOLD_LINES = 1024

/** Where the folded lines begin in the memory of the module; the text begins at 0. */
const FOLDED_OFFSET = FOLD_LINES * 76

/** A compiled kernel and its memory. */
export interface LineFolder {
  /** Where the text to fold is put, from 0 on: 76 characters for each of at most {@link FOLD_LINES} lines. */
  readonly text: Buffer
  /**
   * Folds the first `lines` times 76 octets of {@link text}.
   *
   * @returns 78 octets for each line, CRLF included: a view of the kernel's memory, to be copied before the next call
   */
  fold(lines: number): Uint8Array
}

/** The part of the WebAssembly API that is needed; neither `lib.es2023` nor @types/node 20 declares it. */
interface WebAssemblyApi {
  readonly Module: new (octets: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/**
 * The one kernel of this thread; null where there is none; undefined until it is first asked for.
 *
 * Compiling takes 0.3 ms, and every instance reserves address space, so there is one for all callers. They may share
 * it because they are synchronous: none leaves anything in its memory for later.
 */
let folder: LineFolder | null | undefined

/** The kernel, compiled when it is first asked for, or null where it cannot be had. */
export function lineFolder(): LineFolder | null {
  if (folder === undefined) folder = compile()
  return folder
}

function compile(): LineFolder | null {
  try {
    // Fails without WebAssembly (node --jitless), where code may not be made from octets (a content security policy),
    // on a processor without SIMD, and when the address space is limited (ulimit -v). All of these are legitimate.
    const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(MODULE, 'base64')))
    const { memory, fold } = instance.exports as {
      memory: { readonly buffer: ArrayBuffer }
      fold: (text: number, folded: number, lines: number) => void
    }
    const text = Buffer.from(memory.buffer, 0, FOLDED_OFFSET)
    const folded = new Uint8Array(memory.buffer, FOLDED_OFFSET)
    return {
      text,
      fold(lines) {
        fold(0, FOLDED_OFFSET, lines)
        return folded
      },
    }
  } catch {
    return null
  }
}
