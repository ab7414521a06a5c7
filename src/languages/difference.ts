// Says in words what changed between two queries made of commands. A command is a list of facets:
// its name first, then each thing it names or requires, in a canonical spelling.

export type Facets = readonly string[]

/** Null when both say the same; commands are compared by position, facets by presence and order. */
export function describeDifference(
  before: readonly Facets[],
  after: readonly Facets[],
): string | null {
  const said: string[] = []
  for (let index = 0; index < Math.max(before.length, after.length); index++) {
    const [was, is] = [before[index], after[index]]
    if (was === undefined) said.push(`adds ${is!.join(' ')}`)
    else if (is === undefined) said.push(`drops ${was.join(' ')}`)
    else said.push(...describeCommand(was, is))
  }
  return said.length === 0 ? null : said.join('; ')
}

function describeCommand(was: Facets, is: Facets): readonly string[] {
  if (was[0] !== is[0]) return [`${was.join(' ')} became ${is.join(' ')}`]
  const lost = was.filter((text) => !is.includes(text))
  const gained = is.filter((text) => !was.includes(text))
  if (lost.length === 0 && gained.length === 0) {
    return was.join('\n') === is.join('\n') ? [] : [`${was[0]} has its parts in another order`]
  }
  return [
    ...lost.map((text) => `${was[0]} no longer has ${text}`),
    ...gained.map((text) => `${was[0]} now has ${text}`),
  ]
}
