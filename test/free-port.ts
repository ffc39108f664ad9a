/** A port of loopback that nobody listens on. */
import { type AddressInfo, createServer } from 'node:net'

/** A number that the system gives out, and takes back at once: for a server that cannot be told to take any. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => {
    server.close(resolve)
  })
  return port
}
