// What the commands of SPL share: how one is compiled, and how the arguments of the plain ones are read.

import { Refusal, type Budget, type EventRecord, type Fields } from '#languages/evaluation.ts'
import type { SplOption, SplPlain, SplSubsearch, SplWord } from './tree.ts'

export type Step = (rows: Iterable<Fields>) => Iterable<Fields>

export interface StepScope {
  readonly text: string
  /** Unix seconds. */
  readonly now: number
  readonly budget: Budget
  readonly lookups: ReadonlyMap<string, readonly EventRecord[]>
  runSubsearch(subsearch: SplSubsearch): readonly Fields[]
}

export function option(
  { options }: { readonly options: readonly SplOption[] },
  name: string,
): string | undefined {
  return options.find((one) => one.name === name)?.value
}

export function isOn(
  command: { readonly options: readonly SplOption[] },
  name: string,
  missing: boolean,
): boolean {
  const value = option(command, name)?.toLowerCase()
  return value === undefined ? missing : value === 'true' || value === 't' || value === '1'
}

/** Throws `Refusal` for an option that is not among those known. */
export function knowOptions(
  command: { readonly name: string; readonly options: readonly SplOption[] },
  ...known: readonly string[]
): void {
  const other = command.options.find(({ name }) => !known.includes(name))
  if (other) {
    throw new Refusal(
      'not-evaluated',
      `“${other.name}” of ${command.name} cannot be evaluated here.`,
      other,
    )
  }
}

/** Options as fields are spelled: their names keep their case, and the operator may be `!=`. */
export function spelled({ start, name, value }: SplOption, text: string) {
  const rest = text.slice(start + name.length)
  return { field: text.slice(start, start + name.length), isNot: /^\s*!=/.test(rest), value }
}

/** The words before and after the first that says `word`. */
export function cut(words: readonly SplWord[], ...keywords: readonly string[]) {
  const at = words.findIndex(
    ({ name, isQuoted }) => !isQuoted && keywords.includes(name.toLowerCase()),
  )
  if (at < 0) return { before: words, keyword: undefined, after: [] }
  return {
    before: words.slice(0, at),
    keyword: words[at]!.name.toLowerCase(),
    after: words.slice(at + 1),
  }
}

/** Names as the query lists them, commas or not. */
export function namesOf(words: readonly SplWord[]): readonly string[] {
  return words.map(({ name }) => name).filter((name) => name !== ',')
}

/** `a AS b, c`: pairs of names. Throws `Refusal`. */
export function pairsOf(
  words: readonly SplWord[],
  command: SplPlain,
): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at < words.length; at++) {
    const [name, as, to] = [words[at]!, words[at + 1], words[at + 2]]
    if (as === undefined || as.isQuoted || as.name.toLowerCase() !== 'as')
      pairs.push([name.name, name.name])
    else {
      if (to === undefined)
        throw new Refusal('wrong-arguments', 'A name is missing after AS.', command)
      pairs.push([name.name, to.name])
      at += 2
    }
  }
  return pairs
}

export function countIn(word: string | undefined, missing: number): number {
  const count = Number(word ?? missing)
  return Number.isInteger(count) && count >= 0 ? count : missing
}
