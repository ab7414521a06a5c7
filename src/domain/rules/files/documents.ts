// The documents of one rule file, cut so that the pieces put together again are the file, byte for byte.

import { readYaml } from '#languages/sigma/yaml.ts'
import { Source } from '#languages/sigma/source.ts'

export interface FileDocument {
  /** The line that parts it from the one before; '' for the first. */
  readonly mark: string
  readonly text: string
}

/** A text that cannot be read is one document: whoever reads it next says what is wrong. */
export function splitDocuments(text: string): readonly FileDocument[] {
  if (!/\n---(?:[ \t\r\n]|$)/.test(text)) return [{ mark: '', text }]
  const starts = readYaml(new Source(text)).map(({ start }) => start)
  if (starts.length < 2) return [{ mark: '', text }]
  return starts.map((start, at) => {
    const piece = text.slice(at === 0 ? 0 : start, starts[at + 1] ?? text.length)
    const mark = at === 0 ? '' : (/^---[ \t]*\r?\n/.exec(piece)?.[0] ?? '')
    return { mark, text: piece.slice(mark.length) }
  })
}

export function joinDocuments(documents: readonly FileDocument[]): string {
  return documents
    .map(({ mark, text }, at) => {
      const isOpen = at < documents.length - 1 && text !== '' && !text.endsWith('\n')
      return mark + text + (isOpen ? '\n' : '')
    })
    .join('')
}
