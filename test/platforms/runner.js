/**
 * Runs ./core.ts under whatever platform started this, against the package as it is installed here: runner.js CORPUS
 *
 * CORPUS is a JSON file of the corpus. Prints the report as JSON. With --without-webassembly the library finds no
 * WebAssembly, as under a strict content security policy, and its plain JavaScript does all the work.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'

const [corpus = '', ...flags] = process.argv.slice(2)
if (flags.includes('--without-webassembly')) Reflect.deleteProperty(globalThis, 'WebAssembly')

const { runCore } = await import('./core.js')
const library = {
  main: await import('mimecal'),
  calendar: await import('mimecal/calendar'),
  mime: await import('mimecal/mime'),
  send: await import('mimecal/send'),
}
console.log(JSON.stringify(await runCore(library, JSON.parse(readFileSync(corpus, 'utf8')))))
