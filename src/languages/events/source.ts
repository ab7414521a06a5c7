// The log source of an event, as people read and type it.

import type { EventSource } from '#languages/sigma/match.ts'

/** `category=process_creation, product=windows` in a fixed order: what people read and type. */
export function writeSource(source: EventSource | undefined): string {
  if (source === undefined) return ''
  const parts = (['product', 'category', 'service'] as const).flatMap((key) =>
    [source[key] ?? []].flat().map((value) => `${key}=${value}`),
  )
  return parts.join(',')
}

/** Reads what `writeSource` writes; undefined for anything else. */
export function readSource(text: string): EventSource | undefined {
  const source: { product?: string; service?: string; category?: string[] } = {}
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [, key, value] =
      /^\s*(product|category|service)\s*=\s*([\w.-]{1,200})\s*$/.exec(part) ?? []
    if (key === undefined || value === undefined) return undefined
    if (key === 'category') (source.category ??= []).push(value)
    else source[key as 'product' | 'service'] = value
  }
  return source
}
