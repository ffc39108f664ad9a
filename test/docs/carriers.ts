/** The properties of carriers, read from the source, since types are not there at run time. */
import { readFile } from './pages.ts'

const ENTITY = 'src/entity/entity.ts'

/** Names of the properties that a type declares itself, in order. */
export function propertiesOf(type: string, file: string = ENTITY): string[] {
  const source = readFile(file)
  const declaration = new RegExp(`^export (?:interface ${type}\\b[^{]*|type ${type} = )\\{\\n([\\s\\S]*?)^\\}`, 'm')
  const body = declaration.exec(source)?.[1]
  if (body === undefined) throw new Error(`${file} does not declare ${type}`)
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??: /gm)].map(match => match[1]!)
}
