/**
 * `mimecal inspect`: the parts of a message as a tree, and its defects.
 *
 * Everything in a message is a stranger's text: each line is escaped as a whole before it is printed.
 */
import { DEFECT_CODES, type Defect, type MimePart, parseMessage } from '../index.ts'
import { walk } from '../mime/index.ts'
import { describeInput, readInput } from './input.ts'
import type { Io } from './io.ts'
import { forTerminal, jsonForTerminal } from './terminal.ts'
import { readArguments } from './usage.ts'

/** How `mimecal inspect` is used. */
export const INSPECT_USAGE = {
  name: 'inspect',
  operand: 'message.eml',
  summary: 'Shows the parts of a message, and what is wrong with it',
  notes: [
    'A part is shown with its media type, its transfer encoding, the octets of its body as they stand in',
    'the message and decoded, its disposition and its file name. Offsets count octets from the start.',
  ],
  options: {
    json: { type: 'boolean', help: 'print JSON' },
  },
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
  /** Octets of the decoded body; null for a part that holds others. */
  readonly decodedOctets: number | null
  /** Parts of a multipart, or the one message in a message part. */
  readonly parts: readonly PartReport[]
}

interface DefectReport extends Defect {
  readonly meaning: string
}

/** Runs `mimecal inspect`. */
export async function inspect(args: readonly string[], io: Io): Promise<void> {
  const { file, values } = readArguments(INSPECT_USAGE, args)
  const source = await readInput(file, io)
  const { root, defects } = parseMessage(source, { attachments: 'omit' })
  const found = new DefectList(defects)
  const tree = reportPart(root, found)
  if (values.json === true) {
    const report = { octets: source.length, root: tree, defects: found.sorted() }
    await io.write(`${jsonForTerminal(JSON.stringify(report, null, 2))}\n`)
    return
  }
  const parts = [...walk(root)].length
  const lines = [
    `${describeInput(file)}: ${count(source.length, 'octet')}, ${count(parts, 'part')}`,
    '',
    ...table(COLUMNS, treeRows(tree)),
    '',
    ...defectLines(found.sorted()),
  ]
  await io.write(lines.map(line => `${forTerminal(line).trimEnd()}\n`).join(''))
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
  const content = part.isDivided
    ? undefined
    : part.content((code, offset, detail) => found.add({ code, offset, detail }))
  return {
    mediaType: contentType.mediaType,
    parameters: Object.fromEntries(contentType.parameters),
    encoding: part.transferEncoding,
    disposition: disposition?.type ?? null,
    filename: disposition?.parameters.get('filename') ?? contentType.parameters.get('name') ?? null,
    offset: part.offset,
    bodyOffset: part.bodyOffset,
    end: part.end,
    octets: part.body.length,
    decodedOctets: content?.length ?? null,
    parts: held.map(child => reportPart(child, found)),
  }
}

interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

const COLUMNS: readonly Column[] = [
  { title: 'part', align: 'left' },
  { title: 'encoding', align: 'left' },
  { title: 'octets', align: 'right' },
  { title: 'decoded', align: 'right' },
  { title: 'disposition', align: 'left' },
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

function defectLines(defects: readonly DefectReport[]): string[] {
  if (defects.length === 0) return ['no defects']
  const rows = defects.map(({ code, offset, detail, meaning }) => [
    String(offset),
    code,
    detail === undefined ? meaning : `${meaning} (${detail})`,
  ])
  return [`${count(defects.length, 'defect')}:`, ...table(DEFECT_COLUMNS, rows)]
}

const DEFECT_COLUMNS: readonly Column[] = [
  { title: 'offset', align: 'right' },
  { title: 'code', align: 'left' },
  { title: 'meaning', align: 'left' },
]

/** Widest column in characters: what is wider breaks the alignment of its own line alone. */
const MAX_COLUMN_WIDTH = 60

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }) => title.length)
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      if (cell.length <= MAX_COLUMN_WIDTH) widths[index] = Math.max(widths[index]!, cell.length)
    }
  }
  return [columns.map(({ title }) => title), ...rows].map(row =>
    row
      .map((cell, index) =>
        columns[index]!.align === 'left' ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
      )
      .join('  '),
  )
}

/** Longest value of a parameter, and longest file name, in characters. */
const MAX_VALUE_LENGTH = 40
const MAX_NAME_LENGTH = 120

function shorten(text: string, length = MAX_VALUE_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
