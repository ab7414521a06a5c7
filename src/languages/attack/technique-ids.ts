// The techniques that tags name, without asking the table whether they exist.

/** Of `attack.t1059.001` the id `T1059.001`; in the order of the tags, each once. */
export function techniquesIn(tags: readonly string[]): readonly string[] {
  const found = tags.flatMap((tag) => {
    const [, technique] = /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag.trim()) ?? []
    return technique === undefined ? [] : technique.toUpperCase()
  })
  return [...new Set(found)]
}
