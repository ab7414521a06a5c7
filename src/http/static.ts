// The files a page loads. Their names carry their digest, so a browser keeps them for ever and asks
// for new ones after an upgrade. All are held in memory, plain and gzipped: some 100 kB.

import { gzipSync } from 'node:zlib'
import { AppError, assert } from '#kernel/error.ts'
import type { Embedded } from '#platform/embedded.ts'
import type { HttpContext } from './env.ts'
import { publicRoute, type Route } from './routes.ts'

const PREFIX = '/static/'

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** As src/packaging/static.ts makes them. */
export interface StaticFile {
  readonly name: string
  readonly file: string
  readonly bytes: Buffer
}

interface Held {
  readonly type: string
  readonly plain: Buffer<ArrayBuffer>
  readonly gzipped: Buffer<ArrayBuffer>
}

export class StaticFiles {
  readonly #urls = new Map<string, string>()
  readonly #held = new Map<string, Held>()

  constructor(files: readonly StaticFile[]) {
    for (const { name, file, bytes } of files) {
      const type = TYPES[file.slice(file.lastIndexOf('.') + 1)]
      assert(type, `no content type for ${file}`)
      this.#urls.set(name, PREFIX + file)
      this.#held.set(file, { type, plain: Buffer.from(bytes), gzipped: gzipSync(bytes) })
    }
  }

  /** The address of a file by the name views use: `app.css`. */
  readonly url = (name: string): string => {
    const url = this.#urls.get(name)
    assert(url !== undefined, `there is no static file ${name}`)
    return url
  }

  route(): Route {
    return publicRoute('GET', `${PREFIX}:file`, (c) => this.#answer(c))
  }

  #answer(c: HttpContext): Response {
    const file = c.req.param('file') ?? ''
    const held = this.#held.get(file)
    if (!held) throw new AppError('not_found', 'There is no such file.')
    c.header('Cache-Control', 'public, max-age=31536000, immutable')
    c.header('ETag', `"${file}"`)
    c.header('Vary', 'Accept-Encoding')
    if (c.req.header('If-None-Match') === `"${file}"`) return c.body(null, 304)
    c.header('Content-Type', held.type)
    if (!/\bgzip\b/.test(c.req.header('Accept-Encoding') ?? '')) return c.body(held.plain)
    c.header('Content-Encoding', 'gzip')
    return c.body(held.gzipped)
  }
}

/** The files inside the bundle or executable, as buildStatic wrote them. */
export function readStaticFiles(embedded: Embedded): readonly StaticFile[] {
  const manifest = JSON.parse(embedded.read('static/manifest.json').toString()) as Record<
    string,
    string
  >
  return Object.entries(manifest).map(([name, file]) => ({
    name,
    file,
    bytes: embedded.read(`static/${file}`),
  }))
}
