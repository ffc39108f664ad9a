/** What is left behind in a process when streams fail and are left alone: nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { composeMessage } from '../../src/index.ts'
import { type Build, build } from './build.ts'
import { octetsOf } from './pieces.ts'

let library: Build

beforeAll(() => {
  library = build()
})

afterAll(() => library.remove())

test('no unhandled rejection and no open file after errors and aborts', async () => {
  const path = join(library.folder, 'two-files.eml')
  const attachments = [octetsOf(400_000, 1), octetsOf(400_000, 2)].map(Stream => ({ Type: 'image/png', Stream }))
  writeFileSync(path, composeMessage({ Attachments: attachments }, { draft: true }).toBytes())
  const flags = ['--unhandled-rejections=strict']
  const output = await library.run('abandon.js', [path, join(library.folder, 'target')], flags)
  expect(output).toMatch(/^ended with 0, of \d\d files 0 are open\n$/)
})
