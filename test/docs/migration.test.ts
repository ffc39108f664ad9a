/** The tables of docs/migration.md have every name of the libraries that they are about, and names of ours that exist. */
import { describe, expect, test } from 'vitest'
import { propertiesOf } from './carriers.ts'
import { codeSpans, readFile, readPages, tableUnder } from './pages.ts'

const PAGE = readPages().find(({ path }) => path === 'docs/migration.md')!

interface Types {
  /** Head of the left column. */
  readonly column: string
  readonly file: string
  readonly interfaces: readonly string[]
}

const TABLES: readonly (Types & { readonly heading: string })[] = [
  {
    heading: 'From nodemailer',
    column: 'nodemailer',
    file: 'node_modules/@types/nodemailer/lib/mailer/index.d.ts',
    interfaces: ['Options'],
  },
  {
    heading: 'From nodemailer',
    column: 'Attachment of nodemailer',
    file: 'node_modules/@types/nodemailer/lib/mailer/index.d.ts',
    interfaces: ['AttachmentLike', 'Attachment'],
  },
  {
    heading: 'From mailparser',
    column: 'mailparser',
    file: 'node_modules/@types/mailparser/index.d.ts',
    interfaces: ['ParsedMail'],
  },
  {
    heading: 'From mailparser',
    column: 'Attachment of mailparser',
    file: 'node_modules/@types/mailparser/index.d.ts',
    interfaces: ['AttachmentCommon', 'Attachment'],
  },
  {
    heading: 'From postal-mime',
    column: 'postal-mime',
    file: 'node_modules/postal-mime/src/types.ts',
    interfaces: ['Email'],
  },
  {
    heading: 'From postal-mime',
    column: 'Attachment of postal-mime',
    file: 'node_modules/postal-mime/src/types.ts',
    interfaces: ['Attachment'],
  },
]

/** Names of ours that a right column may have. */
const OURS: ReadonlySet<string> = new Set([
  ...propertiesOf('EMailEntity'),
  ...propertiesOf('EMailAttachment'),
  ...propertiesOf('ComposeOptions', 'src/message/compose.ts'),
  ...propertiesOf('ComposedMessage', 'src/message/compose.ts'),
  ...propertiesOf('ParsedMessage', 'src/message/extract.ts'),
])

describe.each(TABLES)('$column', ({ heading, column, file, interfaces }) => {
  const rows = tableUnder(PAGE, heading).filter(row => row[column] !== undefined)

  test('has every name, and no other', () => {
    const names = new Set(interfaces.flatMap(name => namesOf(name, file)))
    expect(names.size).toBeGreaterThan(5)
    expect(new Set(rows.flatMap(row => codeSpans(row[column]!)))).toEqual(names)
  })

  test('has names of ours that exist', () => {
    for (const name of rows.flatMap(row => codeSpans(row.mimecal!))) expect([...OURS]).toContain(name)
  })
})

/** Names of the properties and methods of an interface, or of a type that is an object. */
function namesOf(name: string, path: string): string[] {
  const declaration = new RegExp(
    `^([ \\t]*)(?:export )?(?:interface ${name}\\b[^{]*|type ${name} = )\\{\\n([\\s\\S]*?)^\\1\\}`,
    'm',
  ).exec(readFile(path))
  if (declaration === null) throw new Error(`${path} does not declare ${name}`)
  const indent = /^[ \t]*/.exec(declaration[2]!)![0]
  return [...declaration[2]!.matchAll(new RegExp(`^${indent}(\\w+)\\??[:(]`, 'gm'))].map(match => match[1]!)
}
