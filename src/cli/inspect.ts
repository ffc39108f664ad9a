/**
 * `mimecal inspect`: the parts of a message as a tree, and its defects.
 *
 * Everything in a message is a stranger's text: it is escaped before it is coloured and printed.
 */
import { DEFECT_CODES, type Defect, type MimePart } from '../index.ts'
import { walk } from '../mime/index.ts'
import { COLOR_OPTION, type Paint, painter } from './colour.ts'
import { openInput, readHead } from './input.ts'
import type { Io } from './io.ts'
import { readMessage } from './message.ts'
import { type Column, count, table } from './table.ts'
import { forTerminal, jsonForTerminal } from './terminal.ts'
import { type Command, readArguments } from './usage.ts'

/** How `mimecal inspect` is used. */
const USAGE = {
  name: 'inspect',
  operand: 'message.eml',
  summary: 'shows the parts of a message, and what is wrong with it',
  description: [
    'Draws the parts of a message as a tree: each with its media type, its transfer encoding, the octets of its body as they stand in the message and decoded, its disposition and its file name. Below it are the defects; their offsets count octets from the start.',
    'A message of more than 50 MiB is not held in memory. Of a large part in a message inside such a message the decoded octets are not known.',
  ],
  options: {
    json: { type: 'boolean', help: 'print JSON, with all parameters and offsets' },
    color: COLOR_OPTION,
  },
  examples: [
    { run: 'mimecal inspect message.eml', does: 'shows what a message is made of' },
    { run: "mimecal inspect --json message.eml | jq -r '.defects[].code'", does: 'lists the codes of its defects' },
    { run: 'mimecal inspect --color=always message.eml | less -R', does: 'keeps the colours in a pager' },
  ],
} as const

/** What is shown of a part. */
interface PartReport {
  readonly mediaType: string
  readonly parameters: Readonly<Record<string, string>>
  /** `''` where the part does not say, which means 7bit. */
  readonly encoding: string
  readonly disposition: string | null
  /** As the message has it, directories and all. */
  readonly filename: string | null
  /** Octets from the start of the message to the part, to its body, and to its end. */
  readonly offset: number
  readonly bodyOffset: number
  readonly end: number
  /** Octets of the body as they stand in the message. */
  readonly octets: number
  /** Octets of the decoded body; null for a part that holds others, and where nobody has read them. */
  readonly decodedOctets: number | null
  /** Parts of a multipart, or the one message in a message part. */
  readonly parts: readonly PartReport[]
}

interface DefectReport extends Defect {
  readonly meaning: string
}

/** `mimecal inspect`. */
export const INSPECT: Command = { usage: USAGE, run: inspect }

async function inspect(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(USAGE, args, io)
  const paint = painter(io, values.color)
  const input = await openInput(file, io)
  const { root, defects, entity } = await readMessage(await readHead(input, io.largeOctets), { attachments: 'omit' })
  const found = new DefectList(defects)
  const tree = reportPart(root, found)
  if (values.json === true) {
    const report = { octets: entity.Size, root: tree, defects: found.sorted() }
    await io.write(`${jsonForTerminal(JSON.stringify(report, null, 2))}\n`)
    return
  }
  const parts = [...walk(root)].length
  const head = forTerminal(`${input.name}: ${count(entity.Size, 'octet')}, ${count(parts, 'part')}`)
  const lines = [
    paint('bold', head),
    '',
    ...table(COLUMNS, treeRows(tree), paint),
    '',
    ...defectLines(found.sorted(), paint),
  ]
  await io.write(`${lines.join('\n')}\n`)
}

/** Defects of the message and of the contents of its parts, each once. */
class DefectList {
  readonly #defects = new Map<string, Defect>()

  constructor(defects: readonly Defect[]) {
    for (const defect of defects) this.add(defect)
  }

  add(defect: Defect): void {
    this.#defects.set(JSON.stringify([defect.code, defect.offset, defect.detail]), defect)
  }

  sorted(): DefectReport[] {
    const reports = [...this.#defects.values()].map(defect => ({ ...defect, meaning: DEFECT_CODES[defect.code] }))
    return reports.sort((left, right) => left.offset - right.offset)
  }
}

function reportPart(part: MimePart, found: DefectList): PartReport {
  const { contentType, disposition, message } = part
  const held = message === undefined ? part.parts : [message]
  return {
    mediaType: contentType.mediaType,
    parameters: Object.fromEntries(contentType.parameters),
    encoding: part.transferEncoding,
    disposition: disposition?.type ?? null,
    filename: disposition?.parameters.get('filename') ?? contentType.parameters.get('name') ?? null,
    offset: part.offset,
    bodyOffset: part.bodyOffset,
    end: part.end,
    octets: part.end - part.bodyOffset,
    decodedOctets: part.isDivided ? null : decodedOctets(part, found),
    parts: held.map(child => reportPart(child, found)),
  }
}

/** Of a body that passed by: what was counted then. Its defects are told by the message. */
function decodedOctets(part: MimePart, found: DefectList): number | null {
  if (part.streamed?.isPartial === true) return part.streamed.octets ?? null
  return part.content((code, offset, detail) => found.add({ code, offset, detail })).length
}

const COLUMNS: readonly Column[] = [
  { title: 'part', align: 'left', style: 'cyan' },
  { title: 'encoding', align: 'left' },
  { title: 'octets', align: 'right' },
  { title: 'decoded', align: 'right' },
  { title: 'disposition', align: 'left', style: 'green' },
]

/** A row for each part, drawn below the part that holds it. */
function treeRows(part: PartReport, first = '', others = ''): string[][] {
  const rows = [
    [
      first + describeType(part),
      part.encoding === '' ? '(7bit)' : shorten(part.encoding),
      String(part.octets),
      part.decodedOctets === null ? '' : String(part.decodedOctets),
      describeDisposition(part),
    ],
  ]
  for (const [index, child] of part.parts.entries()) {
    const isLast = index === part.parts.length - 1
    rows.push(...treeRows(child, `${others}${isLast ? '└─ ' : '├─ '}`, `${others}${isLast ? '   ' : '│  '}`))
  }
  return rows
}

/** The media type with the parameters that decide how it is read. */
function describeType({ mediaType, parameters }: PartReport): string {
  let text = shorten(mediaType)
  for (const name of ['charset', 'format', 'method']) {
    const value = parameters[name]
    if (value !== undefined) text += `; ${name}=${shorten(value)}`
  }
  return text
}

function describeDisposition({ disposition, filename }: PartReport): string {
  const words = disposition === null ? [] : [shorten(disposition)]
  if (filename !== null) words.push(JSON.stringify(shorten(filename, MAX_NAME_LENGTH)))
  return words.join(' ')
}

function defectLines(defects: readonly DefectReport[], paint: Paint): string[] {
  if (defects.length === 0) return [paint('green', 'no defects')]
  const rows = defects.map(({ code, offset, detail, meaning }) => [
    String(offset),
    code,
    detail === undefined ? meaning : `${meaning} (${detail})`,
  ])
  return [paint('yellow', `${count(defects.length, 'defect')}:`), ...table(DEFECT_COLUMNS, rows, paint)]
}

const DEFECT_COLUMNS: readonly Column[] = [
  { title: 'offset', align: 'right' },
  { title: 'code', align: 'left', style: 'yellow' },
  { title: 'meaning', align: 'left' },
]

/** Longest value of a parameter, and longest file name, in characters. */
const MAX_VALUE_LENGTH = 40
const MAX_NAME_LENGTH = 120

function shorten(text: string, length = MAX_VALUE_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}
