/** Reading in pieces against reading at once: everything that a caller sees of the two, side by side. */
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import {
  type MimePart,
  type ParsedMessage,
  type ParseOptions,
  parseMessage,
  parseMessageStream,
} from '../../src/index.ts'
import { readAll } from './pieces.ts'

/** What reading gave: a message, or the code of the error. */
type Outcome = { readonly code: unknown } | { readonly seen: object }

/**
 * Fails unless the pieces are read to the same entity, defects, tree and report as the whole is, with the contents
 * handed out one by one and with the contents collected; or to the same error.
 */
export async function expectSameParse(
  whole: Uint8Array,
  pieces: () => AsyncIterable<Uint8Array>,
  options: ParseOptions = {},
): Promise<void> {
  const expected = await outcomeOf(async () => seenOf(parseMessage(whole, options)))
  const collected = await outcomeOf(async () => seenOf(await parseMessageStream(pieces(), options)))
  expectEqual(collected, expected)
  const handedOut = await outcomeOf(async () => {
    const contents = new Map<object, Uint8Array>()
    const parsed = await parseMessageStream(pieces(), {
      ...options,
      async onAttachment(attachment, content) {
        expect(contents.has(attachment)).toBe(false)
        contents.set(attachment, await readAll(content))
      },
    })
    for (const attachment of parsed.entity.Attachments) expect(attachment.Stream).toBeNull()
    return seenOf(parsed, contents)
  })
  expectEqual(handedOut, expected)
}

/** `toStrictEqual` takes ten times as long to find that there is no difference. */
function expectEqual(actual: Outcome, expected: Outcome): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected)
}

async function outcomeOf(read: () => Promise<object>): Promise<Outcome> {
  try {
    return { seen: await read() }
  } catch (error) {
    return { code: (error as { readonly code?: unknown }).code ?? error }
  }
}

/** @param contents of the attachments, where they were handed out */
function seenOf(
  { entity, root, textParts, enclosed, ...rest }: ParsedMessage,
  contents?: ReadonlyMap<object, Uint8Array>,
): object {
  const attachments = entity.Attachments.map(attachment => {
    const octets = contents === undefined ? attachment.Stream : contents.get(attachment)
    return { ...attachment, Stream: octets && Buffer.from(octets).toString('latin1') }
  })
  const texts = [...textParts].map(part => part.offset)
  const files = enclosed.map(({ contentType, disposition, body }) => ({ contentType, disposition, body }))
  return { ...rest, entity: { ...entity, Attachments: attachments }, root: treeOf(root), texts, files }
}

function treeOf(part: MimePart): object {
  const { contentType, disposition, transferEncoding, fields, offset, bodyOffset, end, isDivided, isOpaque } = part
  return {
    contentType,
    disposition,
    transferEncoding,
    fields,
    offset,
    bodyOffset,
    end,
    isDivided,
    isOpaque,
    parts: part.parts.map(treeOf),
    message: part.message && treeOf(part.message),
  }
}
