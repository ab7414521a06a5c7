// `/w/:slug/settings`: a workspace's name and policies. Saving says which version was seen, so that of
// two people who save at once the second is told.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { confirmPolicy } from '#domain/access/policy-confirmation.ts'
import {
  changePolicy,
  dropProposal,
  readPolicy,
  readProposal,
  renameWorkspace,
} from '#domain/workspaces/policy-actions.ts'
import { WorkspaceName } from '#domain/workspaces/input.ts'
import { DEFAULT_POLICY, differences, Policy, type PolicyRow } from '#domain/workspaces/policy.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import {
  PoliciesPage,
  type PoliciesShown,
  type PolicyName,
} from '#views/settings/policies-page.tsx'
import { callerOf, membershipOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { settingsTabs } from '#http/settings-tabs.ts'

export function settingsRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/w/:slug/settings', 'policy.read', (c) => show(c, {})),
    pageRoute('POST', '/w/:slug/settings/policies', 'policy.change', savePolicies, {
      needsProof: true,
    }),
    pageRoute('POST', '/w/:slug/settings/policies/confirm', 'policy.change', confirm, {
      needsProof: true,
    }),
    pageRoute('POST', '/w/:slug/settings/policies/drop', 'policy.change', drop),
    pageRoute('POST', '/w/:slug/settings/name', 'workspace.rename', rename),
  ]
}

type Values = PoliciesShown['values']

interface Typed {
  readonly values?: Values
  readonly problems?: FieldProblems
  readonly name?: string
  readonly nameProblems?: FieldProblems
}

async function show(c: HttpContext, typed: Typed): Promise<Response> {
  const caller = callerOf(c)
  const workspace = membershipOf(c.var.session!, c.req.param('slug')!)
  const row = await readPolicy(c.var.house, caller)
  const waiting = await readProposal(c.var.house, caller)
  const shown: PoliciesShown = {
    tabs: settingsTabs(c),
    path: `${placeOf(c)}/settings`,
    workspace,
    row,
    waiting: waiting && { ...waiting, changes: differences(row.policy, waiting.policy) },
    values: typed.values ?? valuesOf(row),
    problems: typed.problems ?? {},
    mayChange: can(caller, 'policy.change'),
    mayRename: can(caller, 'workspace.rename'),
    name: typed.name ?? workspace.name,
    nameProblems: typed.nameProblems ?? {},
  }
  const status = typed.problems || typed.nameProblems ? 422 : 200
  return page(c, { title: 'Settings', status }, <PoliciesPage shown={shown} />)
}

function valuesOf({ policy }: PolicyRow): Values {
  const values = Object.entries(policy).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? value : wordsOf(value),
  ])
  return Object.fromEntries(values) as Values
}

const wordsOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const NAMES = Object.keys(DEFAULT_POLICY).filter((name) => name !== 'groups') as PolicyName[]

// A form sends words: a switch that is on as `on`, one that is off not at all.
const PolicyForm = z.strictObject({
  version: z.coerce.number().int().min(0),
  ...Object.fromEntries(
    NAMES.map((name) => [
      name,
      z
        .string()
        .max(name === 'windows' ? 2_100 : 20)
        .optional(),
    ]),
  ),
})

async function savePolicies(c: HttpContext): Promise<Response> {
  const form: Record<string, unknown> = await readForm(c, PolicyForm)
  const isSwitch = (name: PolicyName) => typeof DEFAULT_POLICY[name] === 'boolean'
  const values = Object.fromEntries(
    NAMES.map((name) => [name, isSwitch(name) ? form[name] === 'on' : wordOf(form[name])]),
  ) as Values
  const parsed = Policy.safeParse(
    Object.fromEntries(
      NAMES.map((name) => [
        name,
        isSwitch(name) || name === 'windows' ? values[name] : wholeNumber(values[name]),
      ]),
    ),
  )
  if (!parsed.success) return show(c, { values, problems: problemsOf(parsed.error) })
  const version = form['version'] as number
  // What groups ask beyond is decided on their pages.
  const { groups } = (await readPolicy(c.var.house, callerOf(c))).policy
  const given = { policy: { ...parsed.data, groups }, version }
  const { isPending } = await changePolicy(c.var.house, callerOf(c), given)
  const notice = isPending
    ? 'This asks less of changes, so it waits until another admin confirms it.'
    : 'The policies are saved.'
  return changed(c, { redirect: `${placeOf(c)}/settings`, notice })
}

async function confirm(c: HttpContext): Promise<Response> {
  await confirmPolicy(c.var.house, callerOf(c))
  return changed(c, { redirect: `${placeOf(c)}/settings`, notice: 'The policies are in force.' })
}

async function drop(c: HttpContext): Promise<Response> {
  await dropProposal(c.var.house, callerOf(c))
  const notice = 'The policies stay as they are.'
  return changed(c, { redirect: `${placeOf(c)}/settings`, notice })
}

const wordOf = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\r\n', '\n') : '')

const wholeNumber = (text: string | boolean) =>
  typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN

function problemsOf({ issues }: z.ZodError): FieldProblems {
  return Object.fromEntries(
    issues.map(({ path, code, ...issue }) => {
      const { maximum, minimum } = issue as { maximum?: number; minimum?: number }
      if (code === 'too_big') return [String(path[0]), `At most ${maximum}.`]
      if (code === 'too_small') return [String(path[0]), `At least ${minimum}.`]
      if (path[0] === 'windows') return ['windows', 'A line of this cannot be read.']
      return [String(path[0]), 'Give a whole number.']
    }),
  )
}

async function rename(c: HttpContext): Promise<Response> {
  const { name } = await readForm(c, z.strictObject({ name: z.string().max(1_000) }))
  const parsed = WorkspaceName.safeParse(name)
  if (!parsed.success) {
    return show(c, { name, nameProblems: { name: `The name ${parsed.error.issues[0]!.message}.` } })
  }
  await renameWorkspace(c.var.house, callerOf(c), { name: parsed.data })
  return changed(c, { redirect: `${placeOf(c)}/settings`, notice: 'The workspace is renamed.' })
}
