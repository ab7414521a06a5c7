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

/** What to do at the provider, by which one it is. */
const EMAIL_ADVICE: Readonly<Record<Provider['preset'], string>> = {
  okta: 'Give the person a primary e-mail address there; this application asks for the scope email.',
  entra:
    'Give the person an e-mail address there, or add the optional claim email under Token configuration.',
  google: 'Choose an account of Google Workspace, which has an address always.',
  generic: 'Let the provider send the claim email, in the ID token or by its userinfo.',
}

const GROUPS_ADVICE: Readonly<Record<Provider['preset'], string>> = {
  okta: 'On Sign On of the application there, set the groups claim filter to groups, matching those of this application only.',
  entra:
    'Under App roles there, define roles and assign groups to them, and keep the claim roles here; or emit only groups assigned to the application.',
  google: 'Google sends no groups: give everybody the default role, or keep roles by hand.',
  generic:
    'Let the provider send the claim that is named on the page of this provider, with the groups of this application only.',
}

function stepOfAddress(
  { isEmailTrusted, preset }: Provider,
  { email, isEmailVerified }: Asserted,
): Step {
  if (email === null) return step('bad', 'Address', 'No e-mail address came.', EMAIL_ADVICE[preset])
  if (isEmailVerified) return step('good', 'Address', `${email}, verified by the provider.`)
  if (isEmailTrusted) return step('good', 'Address', `${email}, which you said to trust.`)
  return step(
    'odd',
    'Address',
    `${email}, and the provider does not say that it is verified.`,
    'Let the provider send email_verified, or say on its page that its addresses count as verified, where nobody can give themselves another one.',
  )
}

function stepOfGroups(provider: Provider, { groups, groupsWereCut }: Asserted): Step {
  const { group } = mapGroups(provider, groups)
  const which = group === null ? 'none of them is in your list' : `“${group}” decides`
  if (groupsWereCut) {
    return step(
      'odd',
      'Groups',
      `The provider did not send all of them: ${groups.length} came, and ${which}.`,
      GROUPS_ADVICE[provider.preset],
    )
  }
  if (groups.length === 0) {
    return step('odd', 'Groups', 'No groups came.', GROUPS_ADVICE[provider.preset])
  }
  return step('good', 'Groups', `${groups.length} came, and ${which}.`)
}

const HAPPENS = {
  enter: 'They are known, and come in',
  connect: 'Their account is connected with this provider, and they come in',
  make: 'An account is made for them, and they come in',
}

function stepOfVerdict(verdict: Verdict): Step {
  if (verdict.kind === 'refuse') {
    const text = `They are refused: ${verdict.why}.`
    return step('bad', 'What would happen', text, verdict.advice)
  }
  const { gives } = verdict
  const as = gives
    ? `as ${wordsOf({ ...gives, group: null })}`
    : 'as what they are in this workspace now'
  return step('good', 'What would happen', `${HAPPENS[verdict.kind]}, ${as}.`)
}

const step = (verdict: Step['verdict'], name: string, text: string, advice?: string): Step => ({
  name,
  verdict,
  text,
  advice,
})
