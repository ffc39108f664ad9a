/**
 * Contents of attachments, beside the queue: a folder that all machines see; on another day, buckets of an object store.
 *
 * A content is named by its SHA-256. So the same logo in a thousand e-mails is there once, writing it twice does no harm,
 * and a name never comes to mean something else.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** @param {string} folder */
export function contentStore(folder) {
  const pathOf = key => join(folder, key.slice(0, 2), key)
  return {
    /** Keeps octets, and tells by what name. */
    async put(octets) {
      const key = createHash('sha256').update(octets).digest('hex')
      const path = pathOf(key)
      const isThere = await access(path).then(
        () => true,
        () => false,
      )
      if (isThere) return key
      await mkdir(join(folder, key.slice(0, 2)), { recursive: true })
      // Whoever opens it finds all of it or nothing.
      const unfinished = `${path}.${randomUUID()}`
      await writeFile(unfinished, octets)
      await rename(unfinished, path)
      return key
    },

    /** Opens a content anew each time it is asked for. */
    open: key => createReadStream(pathOf(key)),
  }
}
