// What a person is told about their own account, and about changes that wait for them: each kind with
// its words. Shown on their account page,
// and sent as mail where a mail server is set.

import { z } from 'zod'
import type { NoticeId, UserId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'

/** What each kind carries. */
const DATA = {
  'device.new': z.strictObject({ userAgent: z.string(), ip: z.string() }),
  'password.changed': z.strictObject({}),
  'password.reset': z.strictObject({}),
  'email.asked': z.strictObject({}),
  'email.changed': z.strictObject({}),
  'factor.added': z.strictObject({ factor: z.enum(['passkey', 'totp', 'recovery']) }),
  'factor.removed': z.strictObject({ factor: z.enum(['passkey', 'totp', 'recovery']) }),
  'token.added': z.strictObject({ name: z.string(), workspace: z.string() }),
  'role.changed': z.strictObject({ workspace: z.string(), role: z.string() }),
  'member.added': z.strictObject({ workspace: z.string(), role: z.string() }),
  'member.removed': z.strictObject({ workspace: z.string() }),
  'workspace.entered': z.strictObject({ workspace: z.string(), who: z.string() }),
  'workspace.recovered': z.strictObject({ workspace: z.string(), who: z.string() }),
  'directory.refused': z.strictObject({
    workspace: z.string(),
    provider: z.string(),
    who: z.string(),
  }),
  'account.broke_in': z.strictObject({ workspace: z.string(), who: z.string() }),
  'glass.broken': z.strictObject({ change: z.string(), who: z.string() }),
  'budget.breached': z.strictObject({
    budget: z.string(),
    rules: z.int(),
    isHotfix: z.boolean(),
  }),
  'instance.restored': z.strictObject({ workspace: z.string() }),
  'change.review': z.strictObject({ workspace: z.string(), title: z.string() }),
  'change.reminder': z.strictObject({ workspace: z.string(), title: z.string() }),
  'change.decided': z.strictObject({
    workspace: z.string(),
    title: z.string(),
    outcome: z.string(),
  }),
  'change.voided': z.strictObject({ workspace: z.string(), title: z.string(), why: z.string() }),
  'change.mentioned': z.strictObject({ workspace: z.string(), title: z.string(), who: z.string() }),
} as const

export type NoticeKind = keyof typeof DATA
export type NoticeData<K extends NoticeKind> = z.infer<(typeof DATA)[K]>

export interface Notice {
  readonly id: NoticeId
  readonly userId: UserId
  readonly kind: NoticeKind
  readonly data: unknown
  readonly at: Instant
  readonly seenAt: Instant | null
}

const FACTORS = { passkey: 'passkey', totp: 'authenticator app', recovery: 'set of recovery codes' }

const WORDS: { [K in NoticeKind]: (data: NoticeData<K>) => string } = {
  'device.new': ({ userAgent, ip }) =>
    `Somebody signed in to your account from a device it had not seen: ${userAgent || 'a program that does not say its name'}, at ${ip || 'an unknown address'}.`,
  'password.changed': () => 'Your password was changed. Every other session was ended.',
  'password.reset': () => 'Somebody asked for a link that sets a new password for your account.',
  'email.asked': () => 'Somebody asked to give your account another e-mail address.',
  'email.changed': () =>
    'The e-mail address of your account was changed. Every other session was ended.',
  'factor.added': ({ factor }) => `A ${FACTORS[factor]} was added to your account.`,
  'factor.removed': ({ factor }) => `A ${FACTORS[factor]} was removed from your account.`,
  'token.added': ({ name, workspace }) =>
    `An API token “${name}” was made for you in ${workspace}.`,
  'role.changed': ({ workspace, role }) => `In ${workspace} you are now ${role}.`,
  'member.added': ({ workspace, role }) => `You are now in ${workspace}, as ${role}.`,
  'member.removed': ({ workspace }) => `You are no longer in ${workspace}.`,
  'workspace.entered': ({ workspace, who }) =>
    `${who}, an owner of this server, entered ${workspace}.`,
  'workspace.recovered': ({ workspace, who }) =>
    `${who}, an owner of this server, recovered ${workspace} and is an admin of it now.`,
  'directory.refused': ({ workspace, provider, who }) =>
    `The directory of ${provider} wants ${who} gone from ${workspace}, and they are still there: they are its last admin, or their account is for the day the provider is away.`,
  'account.broke_in': ({ workspace, who }) =>
    `${who} signed in to ${workspace} by a break-in account, past single sign-on.`,
  'glass.broken': ({ change, who }) =>
    `${who} broke the glass: “${change}” is deployed without its signatures, and somebody else has to look at it.`,
  'budget.breached': ({ budget, rules, isHotfix }) =>
    isHotfix
      ? `The noise budget of ${budget} is overrun: its loudest rule is paused for a day, and somebody has to look at that.`
      : `The noise budget of ${budget} is overrun: a change proposes to pause ${rules === 1 ? 'a rule' : `${rules} rules`}.`,
  'instance.restored': ({ workspace }) =>
    `This server was restored from a backup. What happened in ${workspace} since then is not in it.`,
  'change.review': ({ workspace, title }) =>
    `In ${workspace} the change “${title}” waits for your signature.`,
  'change.reminder': ({ workspace, title }) =>
    `In ${workspace} the change “${title}” still waits for your signature.`,
  'change.decided': ({ workspace, title, outcome }) =>
    `In ${workspace} your change “${title}” is ${outcome}.`,
  'change.voided': ({ workspace, title, why }) =>
    `In ${workspace} the change “${title}” is a draft again, without its signatures. ${why}`,
  'change.mentioned': ({ workspace, title, who }) =>
    `${who} named you in the discussion of the change “${title}” in ${workspace}.`,
}

/** About the work of a workspace, and not about somebody's own account. */
export function isAboutWork(kind: NoticeKind): boolean {
  return kind.startsWith('change.') || kind.startsWith('budget.')
}

/** Throws when `data` is not of the kind: what a column holds is checked like any input. */
export function describeNotice(kind: NoticeKind, data: unknown): string {
  const words = WORDS[kind] as (checked: unknown) => string
  return words(DATA[kind].parse(data))
}

export function isNoticeKind(text: string): text is NoticeKind {
  return Object.hasOwn(DATA, text)
}
