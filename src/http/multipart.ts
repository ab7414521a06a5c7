// A form with files, read as it arrives (RFC 7578): for files that must not lie in memory. Parts come
// in the order of the form, and one is read to its end before the next.

import { AppError } from '#kernel/error.ts'
import type { HttpContext } from './env.ts'

export interface Part {
  /** Of the field. */
  readonly name: string
  /** Undefined for a field that is no file; empty where no file was chosen. */
  readonly fileName: string | undefined
  readonly chunks: AsyncIterable<Buffer>
}

const HEAD_BYTES_MAX = 16 * 1024
const TEXT_BYTES_MAX = 64 * 1024

/** Throws `invalid` for what is no such form, also on the way. */
export async function* readParts(c: HttpContext): AsyncGenerator<Part> {
  const type = c.req.header('content-type') ?? ''
  const [, quoted, bare] =
    /^multipart\/form-data;.*boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  const { body } = c.req.raw
  if (boundary === undefined || body === null) throw broken()
  const form = new FormStream(body, `\r\n--${boundary}`)
  for await (const _ of form.untilBoundary()) void _
  while (await form.hasPart()) {
    const chunks = form.untilBoundary()
    yield { ...readHead(await form.head()), chunks }
    for await (const _ of chunks) void _ // what nobody wanted
  }
}

/** The value of a field that is no file. Throws `too_large`. */
export async function textOfPart({ chunks }: Part): Promise<string> {
  const held: Buffer[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > TEXT_BYTES_MAX) throw new AppError('too_large', 'A field of the form is too long.')
    held.push(chunk)
  }
  return Buffer.concat(held).toString('utf8')
}

class FormStream {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #boundary: Buffer
  // The first boundary stands at the beginning, without a line end before it.
  #held: Buffer = Buffer.from('\r\n')

  constructor(body: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = body[Symbol.asyncIterator]()
    this.#boundary = Buffer.from(boundary)
  }

  /** What stands before the next boundary; the boundary is used up. */
  async *untilBoundary(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(this.#boundary)
      const safe = at >= 0 ? at : Math.max(0, this.#held.length - this.#boundary.length + 1)
      if (safe > 0) yield this.#take(safe)
      if (at >= 0) {
        this.#take(this.#boundary.length)
        return
      }
      await this.#more()
    }
  }

  /** After a boundary: two dashes end the form. */
  async hasPart(): Promise<boolean> {
    while (this.#held.length < 2) await this.#more()
    return this.#take(2).toString('latin1') === '\r\n'
  }

  async head(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n\r\n')
      if (end >= 0) {
        const head = this.#take(end).toString('utf8')
        this.#take(4)
        return head
      }
      if (this.#held.length > HEAD_BYTES_MAX) throw broken()
      await this.#more()
    }
  }

  #take(bytes: number): Buffer {
    const taken = this.#held.subarray(0, bytes)
    this.#held = this.#held.subarray(bytes)
    return taken
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#source.next()
    if (done === true) throw broken()
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value])
  }
}

function readHead(head: string): Pick<Part, 'name' | 'fileName'> {
  const disposition = /^content-disposition:\s*form-data(.*)$/im.exec(head)?.[1] ?? ''
  const valueOf = (key: string) =>
    new RegExp(`;\\s*${key}="([^"]*)"`, 'i').exec(disposition)?.[1]?.replaceAll('%22', '"')
  const name = valueOf('name')
  if (name === undefined) throw broken()
  return { name, fileName: valueOf('filename') }
}

function broken(): AppError {
  return new AppError('invalid', 'The form did not arrive whole. Send it again.')
}
