// Which of two versions is the later one. Source: Semantic Versioning 2.0.0, section 11; versions
// with other than three numbers (OpenSSL, V8, ICU) compare number by number.

/** Negative when `a` is earlier than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  return compareLists(left.numbers, right.numbers) || comparePreReleases(left.pre, right.pre)
}

interface Version {
  readonly numbers: readonly string[]
  readonly pre: readonly string[]
}

function parse(version: string): Version {
  const [core = '', ...rest] = version.replace(/^v/, '').split('+')[0]!.split('-')
  return { numbers: core.split('.'), pre: rest.length === 0 ? [] : rest.join('-').split('.') }
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareWords(a[index] ?? '0', b[index] ?? '0')
    if (order !== 0) return order
  }
  return 0
}

/** A pre-release comes before its release, and a shorter list of equal words before a longer one. */
function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareWords(a[index]!, b[index]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers by value and before words; words by their characters. */
function compareWords(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumberA && isNumberB) return Number(a) - Number(b)
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}
