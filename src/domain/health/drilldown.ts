// Fills values of an alert into a search that a rule suggests: `$field$` or `{{field}}`. A value was written
// by whoever made the event, so it never leaves the quotes that it stands in. Pure.

export interface FilledIn {
  readonly text: string
  readonly missing: readonly string[]
}

const PLACEHOLDER = /\$([\w.@-]{1,200})\$|\{\{\s*([\w.@-]{1,200})\s*\}\}/g

export function fillIn(query: string, values: Readonly<Record<string, string>>): FilledIn {
  const missing = new Set<string>()
  const text = query.replaceAll(
    PLACEHOLDER,
    (whole: string, dollars: string | undefined, braces: string | undefined, at: number) => {
      const name = dollars ?? braces!
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      if (value === undefined) {
        missing.add(name)
        return whole
      }
      const escaped = value.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll(/[\r\n]+/g, ' ')
      return isQuoted(query, at) ? escaped : `"${escaped}"`
    },
  )
  return { text, missing: [...missing] }
}

/** Whether the place lies between double quotes. Single quotes are quoted anew. */
function isQuoted(query: string, at: number): boolean {
  let isOpen = false
  for (let index = 0; index < at; index++) {
    if (query[index] === '\\') index++
    else if (query[index] === '"') isOpen = !isOpen
  }
  return isOpen
}
