// What people type about rows of a mapping: one thing a line.

/** Without empty lines. */
export function linesIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** `name = value` a line; a name given again gets another value. A line without `=` has no value. */
export function conditionsIn(text: string): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  for (const line of linesIn(text)) {
    const [name = '', ...rest] = line.split('=')
    const values = found.get(name.trim()) ?? []
    found.set(name.trim(), [...values, rest.join('=').trim()])
  }
  return Object.fromEntries(found)
}

export function conditionsText(conditions: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(conditions).flatMap(([name, values]) =>
    values.map((value) => `${name} = ${value}`),
  )
  return lines.join('\n')
}
