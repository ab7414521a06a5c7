// One target: how it is, what it may, what one signs in with, what it holds, what it is. Loaded with the
// first reader.

import { z } from 'zod'
import {
  changeTarget,
  readSchema,
  removeTarget,
  requestCheck,
  seeTarget,
  type SeenTarget,
} from '#domain/targets/actions.ts'
import {
  promoteCredential,
  removeCredential,
  revertCredential,
  setCredential,
} from '#domain/targets/credentials.ts'
import { NewCredential, TargetEdit } from '#domain/targets/input.ts'
import { TARGET_KIND_ROWS } from '#domain/targets/settings.ts'
import { PURPOSES, type Target } from '#domain/targets/target.ts'
import { AppError } from '#kernel/error.ts'
import type { TargetId } from '#kernel/id.ts'
import { CredentialsPage } from '#views/targets/credentials-page.tsx'
import type { Typed } from '#views/targets/new-page.tsx'
import { TargetSettingsPage } from '#views/targets/settings-page.tsx'
import { PrivilegesPage, SchemaPage, TargetPage } from '#views/targets/target-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { problemsByField, readForm, readId } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { headOf } from './target-frame.ts'
import { problemsOf, refuseOthers, settingsIn, TargetForm } from './target-form.ts'

const listPath = (c: HttpContext) => `${placeOf(c)}/targets`
const pathOf = (c: HttpContext, id: TargetId) => `${listPath(c)}/${id}`

function trailOf(c: HttpContext, target?: Target) {
  const list = { label: 'Targets', href: listPath(c) }
  return target ? [list, { label: target.name, href: pathOf(c, target.id) }] : [list]
}

const seen = (c: HttpContext) => seeTarget(c.var.house, callerOf(c), readId(c, 'tgt'))

export async function showTarget(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  const props = { ...headOf(c, found, ''), changes: found.changes }
  if (wantsOnly(c, 'target-overview')) return fragment(c, <TargetPage {...props} />)
  return page(c, { title: found.target.name, trail: trailOf(c) }, <TargetPage {...props} />)
}

export async function check(c: HttpContext): Promise<Response> {
  const id = readId(c, 'tgt')
  await requestCheck(c.var.house, callerOf(c), id)
  return changed(c, { redirect: pathOf(c, id), notice: 'The target is being checked.' })
}

export async function showPrivileges(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  const props = headOf(c, found, '/privileges')
  const trail = trailOf(c, found.target)
  return page(c, { title: 'Privileges', trail }, <PrivilegesPage {...props} />)
}

export async function showSchema(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  const schema = await readSchema(c.var.house, callerOf(c), found.target.id)
  const props = { ...headOf(c, found, '/schema'), schema }
  return page(c, { title: 'Schema', trail: trailOf(c, found.target) }, <SchemaPage {...props} />)
}

export async function showCredentials(c: HttpContext): Promise<Response> {
  return showCredentialForms(c, await seen(c))
}

async function showCredentialForms(
  c: HttpContext,
  found: SeenTarget,
  typed: Typed = {},
  problems: Typed = {},
): Promise<Response> {
  const { credentials: taken, takesCertificate, steps } = TARGET_KIND_ROWS[found.target.kind]
  const kinds = takesCertificate === 'alone' ? [...taken, 'none' as const] : taken
  const shown = {
    credentials: found.credentials,
    kinds,
    takesCertificate: takesCertificate !== undefined,
    steps,
    typed,
    problems,
  }
  const props = { ...headOf(c, found, '/credentials'), shown }
  const trail = trailOf(c, found.target)
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'Credentials', trail, status }, <CredentialsPage {...props} />)
}

export async function writeCredential(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  const form = await readForm(c, TargetForm)
  const { input, kind } = credentialIn(form)
  const parsed = NewCredential.safeParse(input)
  if (!parsed.success) {
    const named = problemsByField(
      new z.ZodError(
        parsed.error.issues.map((issue) => ({ ...issue, path: [fieldOf(issue.path)] })),
      ),
      IT,
    )
    const problems = Object.entries(named).map(([name, text]) => [
      `${kind}.${FORM_NAMES[name] ?? name}`,
      text,
    ])
    return showCredentialForms(c, found, withoutSecrets(form), Object.fromEntries(problems))
  }
  await setCredential(c.var.house, callerOf(c), found.target.id, parsed.data)
  const redirect = `${pathOf(c, found.target.id)}/credentials`
  return changed(c, { redirect, notice: 'The credential is sealed and being checked.' })
}

/** In a form no control is named `id`, and the end is a day. */
const FORM_NAMES: Readonly<Record<string, string>> = { id: 'keyId', expiresAt: 'expires' }
const SECRETS = new Set([
  'token',
  'password',
  'key',
  'secret',
  'privateKey',
  'certificate',
  'shownCertificate',
  'shownKey',
])

function credentialIn(form: TargetForm): { readonly input: unknown; readonly kind: string } {
  const { kind = '', ...rest } = form
  const own = Object.entries(rest).map(([name, text]) => [name.slice(kind.length + 1), text])
  const { purpose, expires = '', keyId, ...typed } = Object.fromEntries(own) as TargetForm
  const { shownCertificate = '', shownKey = '', ...fields } = typed
  const credential = { kind, ...fields, ...(keyId !== undefined && { id: keyId }) }
  const expiresAt = expires === '' ? undefined : `${expires}T00:00:00Z`
  const isShown = kind === 'none' || shownCertificate + shownKey !== ''
  const clientCertificate = { certificate: shownCertificate, privateKey: shownKey }
  const input = {
    purpose,
    credential,
    ...(isShown && { clientCertificate }),
    ...(expiresAt && { expiresAt }),
  }
  return { kind, input }
}

function withoutSecrets(form: TargetForm): Typed {
  return Object.fromEntries(
    Object.entries(form).filter(([name]) => !SECRETS.has(name.split('.').at(-1)!)),
  )
}

/** Each problem stands beside its field. */
const IT = Object.fromEntries(
  [...SECRETS, 'user', 'id', 'tenant', 'clientId', 'expiresAt', 'purpose', 'kind'].map((name) => [
    name,
    'It',
  ]),
)

const SHOWN = { certificate: 'shownCertificate', privateKey: 'shownKey' } as const

function fieldOf(path: readonly PropertyKey[]): PropertyKey {
  const last = path.at(-1) ?? 'purpose'
  const isShown = path[0] === 'clientCertificate' && Object.hasOwn(SHOWN, last)
  return isShown ? SHOWN[last as keyof typeof SHOWN] : last
}

const PurposeForm = z.strictObject({ purpose: z.enum(PURPOSES) })
const PlaceForm = PurposeForm.extend({ slot: z.enum(['current', 'next', 'previous']) })

export async function promote(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const { purpose } = await readForm(c, PurposeForm)
  await promoteCredential(c.var.house, callerOf(c), target.id, purpose)
  const redirect = `${pathOf(c, target.id)}/credentials`
  return changed(c, { redirect, notice: 'The credential is in force.' })
}

export async function revert(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const { purpose } = await readForm(c, PurposeForm)
  await revertCredential(c.var.house, callerOf(c), target.id, purpose)
  const redirect = `${pathOf(c, target.id)}/credentials`
  return changed(c, { redirect, notice: 'The credential before is in force again.' })
}

export async function takeCredential(c: HttpContext): Promise<Response> {
  const { target } = await seen(c)
  const place = await readForm(c, PlaceForm)
  await removeCredential(c.var.house, callerOf(c), target.id, place)
  const redirect = `${pathOf(c, target.id)}/credentials`
  return changed(c, { redirect, notice: 'The credential is gone.' })
}

export async function showSettings(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  return showSettingsForm(c, found, typedOf(found.target))
}

async function showSettingsForm(
  c: HttpContext,
  found: SeenTarget,
  typed: Typed,
  problems: Typed = {},
): Promise<Response> {
  const { fields } = TARGET_KIND_ROWS[found.target.kind]
  const shown = { fields, typed, problems, dependents: [] }
  const props = { ...headOf(c, found, '/settings'), shown }
  const trail = trailOf(c, found.target)
  const status = Object.keys(problems).length > 0 ? 422 : 200
  return page(c, { title: 'Settings', trail, status }, <TargetSettingsPage {...props} />)
}

function typedOf(target: Target): Typed {
  const own = Object.entries(target.settings).map(([name, value]) => [
    `settings.${name}`,
    typeof value === 'string' ? value : '',
  ])
  const parameters = Object.entries(target.parameters).map(([name, value]) => `${name} = ${value}`)
  return {
    name: target.name,
    stage: target.stage,
    mode: target.mode,
    deploy: target.deploy,
    ca: target.ca ?? '',
    pins: target.pins.join('\n'),
    parameters: parameters.join('\n'),
    concurrency: String(target.concurrency),
    checkMinutes: String(target.checkMinutes),
    ...(Object.fromEntries(own) as Typed),
  }
}

export async function writeSettings(c: HttpContext): Promise<Response> {
  const found = await seen(c)
  const { target } = found
  const typed = await readForm(c, TargetForm)
  refuseOthers(target.kind, typed, SETTINGS_FIELDS)
  const { over = '' } = typed
  const parsed = TargetEdit.safeParse(editIn(target, typed))
  if (!parsed.success) {
    return showSettingsForm(c, found, typed, problemsOf(parsed.error, target.kind))
  }
  try {
    const change = { edit: parsed.data, expected: new Set([over]) }
    const { voided } = await changeTarget(c.var.house, callerOf(c), target.id, change)
    const redirect = `${pathOf(c, target.id)}/${voided > 0 ? 'credentials' : 'settings'}`
    const notice =
      voided > 0 ? 'Saved. The address is another one: type the credentials again.' : 'Saved.'
    return changed(c, { redirect, notice })
  } catch (error) {
    const problems = refusalOf(error)
    if (!problems) throw error
    return showSettingsForm(c, found, typed, problems)
  }
}

const SETTINGS_FIELDS = [
  'over',
  'name',
  'stage',
  'mode',
  'deploy',
  'ca',
  'pins',
  'concurrency',
  'checkMinutes',
  'parameters',
]

function editIn({ kind, settings }: Target, typed: TargetForm): unknown {
  const numbers = {
    concurrency: Number(typed['concurrency']),
    parameters: parametersIn(typed['parameters'] ?? ''),
  }
  if (kind === 'local') return numbers
  const { name, stage, mode, deploy, ca, pins = '', checkMinutes } = typed
  const shown = new Set(TARGET_KIND_ROWS[kind].fields.map((field) => field.name))
  const unshown = Object.entries(settings).filter(([key]) => !shown.has(key))
  return {
    ...numbers,
    name,
    stage,
    mode,
    deploy,
    ca,
    pins: pins.split(/\s+/).filter((one) => one !== ''),
    checkMinutes: Number(checkMinutes),
    // What the form does not show stays as it is.
    settings: { ...Object.fromEntries(unshown), ...settingsIn(kind, typed) },
  }
}

function parametersIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=')
      return [name.trim(), value.join('=').trim()]
    }),
  )
}

/** What the action says about a field; undefined for what is no refusal of this form. */
function refusalOf(error: unknown): Typed | undefined {
  if (!(error instanceof AppError)) return undefined
  if (error.code === 'conflict') return { name: error.message }
  if (error.code !== 'invalid') return undefined
  const [field, text = error.message] = error.message.split(/: (.*)/s)
  return { [field!.startsWith('settings.') ? field! : 'name']: text }
}

export async function remove(c: HttpContext): Promise<Response> {
  const id = readId(c, 'tgt')
  const { name } = await removeTarget(c.var.house, callerOf(c), id)
  return changed(c, { redirect: listPath(c), notice: `${name} is removed.` })
}
