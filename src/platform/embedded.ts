// The files that ship with the program and the workers it starts, one way from source, from the
// bundle and from the executable. Paths are relative to the repository: `static/app.css`.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

export interface Embedded {
  readonly container: 'source' | 'bundle' | 'executable'
  /** Throws when there is no such file: names come from our own code, never from a request. */
  read(file: string): Buffer
  /** All files below a folder, relative to it, sorted. */
  list(folder: string): readonly string[]
  /** Starts src/workers/<name>.ts. */
  worker(name: string, options?: WorkerOptions): Worker
}

/** Put at the top of the bundle by src/packaging/prelude.cjs. */
declare const __embedded: Embedded | undefined

export const embedded: Embedded = typeof __embedded === 'undefined' ? fromSource() : __embedded

function fromSource(): Embedded {
  const root = path.resolve(import.meta.dirname, '../..')
  return {
    container: 'source',
    read: (file) => readFileSync(path.join(root, file)),
    list: (folder) =>
      readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          path.relative(path.join(root, folder), path.join(entry.parentPath, entry.name)),
        )
        .toSorted(),
    worker: (name, options) => new Worker(path.join(root, `src/workers/${name}.ts`), options),
  }
}
