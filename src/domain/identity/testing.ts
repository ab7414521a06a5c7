// A test of a provider: what can be told without a person, and what would happen to the one who came back.
// It changes nothing.

import { permit } from '#domain/access/permission.ts'
import type { ProviderId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { gatherFacts } from './arriving.ts'
import { judge, type Verdict } from './judging.ts'
import { IDENTITY, type Asserted, type Step } from './port.ts'
import { mapGroups, wordsOf, type Provider } from './provider.ts'
import { getProviderRow } from './store.ts'
import { openProvider } from './ways.ts'

export interface Tested {
  readonly steps: readonly Step[]
  readonly claims: Asserted['claims']
}

/** Throws `forbidden` for one that is not here. */
export async function lookAtProvider(
  house: House,
  caller: Caller,
  id: ProviderId,
): Promise<readonly Step[]> {
  permit(caller, 'provider.manage')
  await getProviderRow(house.db.read(caller.scope), house.keys.purpose('row-mac'), caller.scope, id)
  const provider = await openProvider(house, caller, id)
  const port = await house.ports.get(IDENTITY)(provider.kind)
  return port.look(provider)
}

/** Of an answer that held. */
export async function testOf(
  house: House,
  caller: Caller,
  provider: Provider,
  asserted: Asserted,
): Promise<Tested> {
  permit(caller, 'provider.manage')
  const facts = await gatherFacts(house.db.read(caller.scope), house, caller, provider, asserted)
  const steps: Step[] = [
    step('good', 'Answer', 'Signature, issuer, audience, nonce and times hold.'),
    stepOfAddress(provider, asserted),
    stepOfGroups(provider, asserted),
    stepOfVerdict(judge(provider, asserted, facts)),
  ]
  return { steps, claims: asserted.claims }
}

function stepOfAddress({ isEmailTrusted }: Provider, { email, isEmailVerified }: Asserted): Step {
  if (email === null) return step('bad', 'Address', 'No e-mail address came.')
  if (isEmailVerified) return step('good', 'Address', `${email}, verified by the provider.`)
  if (isEmailTrusted) return step('good', 'Address', `${email}, which you said to trust.`)
  return step('odd', 'Address', `${email}, and the provider does not say that it is verified.`)
}

function stepOfGroups(provider: Provider, { groups, groupsWereCut }: Asserted): Step {
  const { group } = mapGroups(provider, groups)
  const which = group === null ? 'none of them is in your list' : `“${group}” decides`
  if (groupsWereCut) {
    return step(
      'odd',
      'Groups',
      `The provider did not send all of them: ${groups.length} came, and ${which}. Let it send only the groups of this application.`,
    )
  }
  if (groups.length === 0) return step('odd', 'Groups', 'No groups came.')
  return step('good', 'Groups', `${groups.length} came, and ${which}.`)
}

const HAPPENS = {
  enter: 'They are known, and come in',
  connect: 'Their account is connected with this provider, and they come in',
  make: 'An account is made for them, and they come in',
}

function stepOfVerdict(verdict: Verdict): Step {
  if (verdict.kind === 'refuse') {
    return step('bad', 'What would happen', `They are refused: ${verdict.why}.`)
  }
  const { gives } = verdict
  const as = gives
    ? `as ${wordsOf({ ...gives, group: null })}`
    : 'as what they are in this workspace now'
  return step('good', 'What would happen', `${HAPPENS[verdict.kind]}, ${as}.`)
}

const step = (verdict: Step['verdict'], name: string, text: string): Step => ({
  name,
  verdict,
  text,
})
