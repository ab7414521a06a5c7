// What is done on the page of a change. What is refused for a reason is told there, with what was typed.

import { z } from 'zod'
import {
  addComment,
  editChange,
  getChange,
  refreshChange,
  submitChange,
  waiveProblem,
  withdrawChange,
} from '#domain/changes/actions.ts'
import { can } from '#domain/access/permission.ts'
import { runMissingTests } from '#domain/changes/missing-tests.ts'
import { signChange, type SignatureGiven } from '#domain/changes/sign.ts'
import {
  ChangeEditInput,
  CommentInput,
  SignatureInput,
  WaiverInput,
} from '#domain/changes/input.ts'
import { AppError, type ErrorCode } from '#kernel/error.ts'
import type { ChangeId } from '#kernel/id.ts'
import { assertionOptions } from '#domain/access/assertions.ts'
import { CREDENTIAL_CHARACTERS_MAX } from '#domain/access/webauthn.ts'
import { WINDOW_DAYS, WINDOW_DAYS_MAX } from '#domain/changes/backtest.ts'
import { cancelImpact, startImpact } from '#domain/changes/impact.ts'
import { relyingPartyOf } from '#http/passkeys.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { checkInput, problemsByField, readForm, readId } from '#http/input.ts'
import { changed } from '#http/respond.tsx'
import { showChange, showEditForm } from './change-face.tsx'

const pathOf = (c: HttpContext, id: ChangeId) => `${placeOf(c)}/changes/${id}`

/** Throws `forbidden` before anything of the form is read. */
async function changeOf(c: HttpContext) {
  const id = readId(c, 'chg')
  const { change, items } = await getChange(c.var.house, callerOf(c), id)
  return { id, change, items }
}

const TOLD: Readonly<Partial<Record<ErrorCode, 409 | 412 | 422 | 403>>> = {
  invalid: 422,
  conflict: 409,
  stale: 412,
  busy: 409,
  forbidden: 403,
}

/** Does it and goes back to the change; a refusal that has words stands there. */
async function act(
  c: HttpContext,
  id: ChangeId,
  { notice, typed = '', run }: { notice: string; typed?: string; run: () => Promise<unknown> },
): Promise<Response> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const status = TOLD[error.code]
    if (status === undefined) throw error
    return showChange(c, { refusal: error.message, typed, status })
  }
  return changed(c, { redirect: pathOf(c, id), notice })
}

/** Which state of the change was looked at: another one since is a lost race. */
const Looked = z.strictObject({ version: z.string().max(20) })

export async function submit(c: HttpContext): Promise<Response> {
  const { id, change } = await changeOf(c)
  const { version } = await readForm(c, Looked)
  const expected = new Set([version])
  const notice = change.policy.review ? 'It waits for signatures.' : 'It is ready to be deployed.'
  const run = async () => {
    if (can(callerOf(c), 'rule.test')) await runMissingTests(c.var.house, callerOf(c), id)
    return submitChange(c.var.house, callerOf(c), id, { expected })
  }
  return act(c, id, { notice, run })
}

export async function refresh(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const run = () => refreshChange(c.var.house, callerOf(c), id)
  return act(c, id, { notice: 'It was rendered again.', run })
}

export async function withdraw(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const { version } = await readForm(c, Looked)
  const expected = new Set([version])
  const run = () => withdrawChange(c.var.house, callerOf(c), id, { expected })
  return act(c, id, { notice: 'The change is withdrawn.', run })
}

const WaiverForm = z.strictObject({
  number: z.coerce.number(),
  code: z.string().max(200),
  reason: z.string().max(4_000),
})

export async function waive(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const given = await readForm(c, WaiverForm)
  const run = () => waiveProblem(c.var.house, callerOf(c), id, checkInput(WaiverInput, given))
  return act(c, id, { notice: 'The problem may pass, and whoever signs sees why.', run })
}

export async function comment(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const given = await readForm(c, z.strictObject({ text: z.string().max(20_000) }))
  const run = () => addComment(c.var.house, callerOf(c), id, checkInput(CommentInput, given))
  return act(c, id, { notice: 'Your comment stands there.', run })
}

const SignForm = z.strictObject({
  decision: z.string().max(50),
  hash: z.string().max(100),
  comment: z.string().max(20_000).default(''),
})
const PasskeyForm = SignForm.extend({
  /** The answer of a passkey to the hash. */
  credential: z.string().min(1).max(CREDENTIAL_CHARACTERS_MAX),
})

const SAID = {
  approve: 'You approved it.',
  reject: 'You rejected it.',
  request_changes: 'It is sent back for changes.',
} as const

export async function sign(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  return signAs(c, id, await readForm(c, SignForm))
}

export async function signByPasskey(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const { credential, ...form } = await readForm(c, PasskeyForm)
  return signAs(c, id, form, { rp: relyingPartyOf(c), credential })
}

async function signAs(
  c: HttpContext,
  id: ChangeId,
  form: z.output<typeof SignForm>,
  answer?: SignatureGiven['answer'],
): Promise<Response> {
  const { decision, hash, comment: typed } = checkInput(SignatureInput, form)
  const run = () =>
    signChange(c.var.house, callerOf(c), { id, decision, hash, comment: typed, answer })
  return act(c, id, { notice: SAID[decision], typed, run })
}

/** What the browser asks a passkey: to answer to the hash that this person looked at. */
export async function challenge(c: HttpContext): Promise<Response> {
  const { change } = await changeOf(c)
  const { house } = c.var
  return c.json(await assertionOptions(house, callerOf(c), relyingPartyOf(c), change.hash))
}

const ImpactForm = z.strictObject({
  days: z.coerce.number().int().min(1).max(WINDOW_DAYS_MAX).default(WINDOW_DAYS),
})

export async function askImpact(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const wish = await readForm(c, ImpactForm)
  const run = () => startImpact(c.var.house, callerOf(c), id, wish)
  return act(c, id, { notice: 'The targets are being asked.', run })
}

export async function stopImpact(c: HttpContext): Promise<Response> {
  const { id } = await changeOf(c)
  const run = () => cancelImpact(c.var.house, callerOf(c), id)
  return act(c, id, { notice: 'No more is asked.', run })
}

const Numbers = z
  .union([z.array(z.coerce.number()), z.coerce.number().transform((one) => [one])])
  .default([])
const EditForm = z.strictObject({
  version: z.string().max(20),
  title: z.string().max(1_000),
  why: z.string().max(20_000),
  keep: Numbers,
  /** Absent where the items are too many to be shown. */
  picks: z.literal('1').optional(),
})

const NAMES = { title: 'The title', why: 'The reason' }

export async function edit(c: HttpContext): Promise<Response> {
  const { id, items } = await changeOf(c)
  const { version, title, why, keep, picks } = await readForm(c, EditForm)
  const given = { title, why, keep }
  const kept = items.filter(({ number }) => keep.includes(number))
  if (picks && kept.length === 0) {
    return showEditForm(c, { given, refusal: 'Keep at least one item, or withdraw the change.' })
  }
  const isWhole = !picks || kept.length === items.length
  const parsed = ChangeEditInput.safeParse({
    title,
    why,
    ...(isWhole
      ? {}
      : { items: kept.map(({ ruleId, targetId, action }) => ({ ruleId, targetId, action })) }),
  })
  if (!parsed.success) {
    return showEditForm(c, { given, problems: problemsByField(parsed.error, NAMES) })
  }
  const wish = { ...parsed.data, expected: new Set([version]) }
  try {
    await editChange(c.var.house, callerOf(c), id, wish)
  } catch (error) {
    if (!(error instanceof AppError) || TOLD[error.code] === undefined) throw error
    return showEditForm(c, { given, refusal: error.message })
  }
  return changed(c, { redirect: pathOf(c, id), notice: 'The change is edited.' })
}
