// The text of a rule for an object that stands on a target, proved: what the product would write for it is
// what stands there, field by field. As much as can be is said in words of the rule file; where the words
// and the object's own settings would write something else, the words give way.

import type { Json } from '#kernel/json.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { inTurns, nextTurn } from '#platform/turns.ts'
import type { SiemRules } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { makeRenders, type MadeRenders } from '#domain/rules/renders/actions.ts'
import { DETAILS } from '#languages/rule-formats/observed/object.ts'
import { fieldsThatDiffer, textOfObserved } from '#languages/rule-formats/observed/observed.ts'
import type { WholeCandidate } from './adoption-store.ts'

export interface Worded {
  /** Undefined where no rule can be made of the object. */
  readonly text: string | undefined
  /** Why it is only observed; null when it is faithful. */
  readonly flaw: string | null
}

interface At {
  readonly target: Target
  /** Of the adapter; pure. */
  readonly normalise: SiemRules['normalise']
}

/** In the order of the candidates. */
export async function wordFaithfully(
  house: House,
  caller: Caller,
  at: At,
  candidates: readonly WholeCandidate[],
): Promise<readonly Worded[]> {
  const found = new Map<WholeCandidate, Worded>()
  for (const detail of DETAILS) {
    const open = candidates.filter((one) => found.get(one)?.flaw !== null)
    const texts: string[] = []
    const worded: WholeCandidate[] = []
    for await (const one of inTurns(open)) {
      const text = textOfObserved(at.target.kind, one, detail)
      if (text === undefined) continue
      texts.push(text)
      worded.push(one)
    }
    if (texts.length === 0) break
    const flaws = await flawsOf(
      house,
      caller,
      at,
      texts.map((text, index) => ({ text, references: [], standing: worded[index]! })),
    )
    for (const [index, one] of worded.entries()) {
      const flaw = flaws[index]!
      // What does not help is not kept: the fullest text is the best to read.
      const isBetter = flaw === null || !found.has(one)
      if (isBetter) found.set(one, { text: texts[index]!, flaw })
    }
  }
  return candidates.map((one) => found.get(one) ?? { text: undefined, flaw: NO_TEXT })
}

const NO_TEXT = 'The product makes no rule of it.'

interface Claim {
  readonly id?: Parameters<typeof makeRenders>[2][number]['id']
  readonly text: string
  readonly references: readonly string[]
  readonly standing: WholeCandidate
}

/** In the order of the claims: what a write would change, in words; null for nothing. */
export async function flawsOf(
  house: House,
  caller: Caller,
  at: At,
  claims: readonly Claim[],
): Promise<readonly (string | null)[]> {
  await nextTurn() // the reader is not used in the turn of a commit
  const made = await makeRenders(house, caller, claims)
  return claims.map(({ standing }, index) => flawOf(at, made[index]!, standing))
}

const FIELDS_TOLD = 3

function flawOf(
  { target: { kind, name }, normalise }: At,
  { renderings, bodies }: MadeRenders,
  { body }: WholeCandidate,
): string | null {
  const ofKind = bodies.filter((one) => one.kind === kind)
  const written =
    ofKind.find(({ overlay }) => overlay === name) ?? ofKind.find(({ overlay }) => overlay === null)
  if (!written?.body) {
    const why = [
      ...(written?.problems ?? []),
      ...renderings.filter((one) => one.kind === kind).flatMap(({ problems }) => problems),
    ].find(({ severity }) => severity === 'error')
    return why?.message ?? 'The product writes nothing for it there.'
  }
  const standing = body as Readonly<Record<string, Json>>
  const fields = fieldsThatDiffer(kind, normalise(written.body), standing)
  if (fields.length === 0) return null
  const told = fields.slice(0, FIELDS_TOLD).join(', ')
  const more = fields.length > FIELDS_TOLD ? ` and ${fields.length - FIELDS_TOLD} more` : ''
  return `A write would change ${told}${more}.`
}
