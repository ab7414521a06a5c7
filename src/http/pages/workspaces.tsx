// `/instance/workspaces`: every workspace, for an owner: adding one, closing one, entering one.

import { z } from 'zod'
import { enterWorkspace } from '#domain/access/entering.ts'
import { addWorkspace, listWorkspaces, suspendWorkspace } from '#domain/workspaces/actions.ts'
import { NewWorkspace } from '#domain/workspaces/input.ts'
import { AppError } from '#kernel/error.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { WorkspacesPage } from '#views/instance/workspaces-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { problemsByField, readForm } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/instance/workspaces'

export function workspaceRoutes(): readonly Route[] {
  const sure = { needsProof: true }
  return [
    pageRoute('GET', ROOT, 'workspace.list', (c) => showWorkspaces(c)),
    pageRoute('POST', ROOT, 'workspace.add', add, sure),
    pageRoute('POST', `${ROOT}/:id/suspension`, 'workspace.suspend', suspend, sure),
    pageRoute('POST', `${ROOT}/:id/entry`, 'workspace.enter', enterOne, sure),
  ]
}

const NOTHING_TYPED = { slug: '', name: '' }

async function showWorkspaces(
  c: HttpContext,
  typed: { readonly slug: string; readonly name: string } = NOTHING_TYPED,
  problems: FieldProblems = {},
  refusal: string | null = null,
): Promise<Response> {
  const workspaces = await listWorkspaces(c.var.house, callerOf(c))
  const own = c.var.session!.person.memberships
  const shown = { path: ROOT, workspaces, own, typed, problems, refusal }
  const status = refusal === null ? (Object.keys(problems).length > 0 ? 422 : 200) : 409
  return page(c, { title: 'Workspaces', status }, <WorkspacesPage shown={shown} />)
}

const Typed = z.strictObject({ slug: z.string().max(1_000), name: z.string().max(1_000) })

async function add(c: HttpContext): Promise<Response> {
  const typed = await readForm(c, Typed)
  const parsed = NewWorkspace.safeParse(typed)
  if (!parsed.success) {
    const names = { slug: 'The short name', name: 'The name' }
    return showWorkspaces(c, typed, problemsByField(parsed.error, names))
  }
  try {
    await addWorkspace(c.var.house, callerOf(c), parsed.data)
  } catch (error) {
    return showWorkspaces(c, typed, { slug: wordsOf(error) })
  }
  return changed(c, { redirect: ROOT, notice: `The workspace ${parsed.data.name} is added.` })
}

async function suspend(c: HttpContext): Promise<Response> {
  const form = await readForm(c, z.strictObject({ isSuspended: z.enum(['yes', 'no']) }))
  const isSuspended = form.isSuspended === 'yes'
  try {
    await suspendWorkspace(c.var.house, callerOf(c), idOf(c), isSuspended)
  } catch (error) {
    return showWorkspaces(c, NOTHING_TYPED, {}, wordsOf(error))
  }
  const notice = isSuspended ? 'The workspace is suspended.' : 'The workspace is open again.'
  return changed(c, { redirect: ROOT, notice })
}

async function enterOne(c: HttpContext): Promise<Response> {
  try {
    const how = await enterWorkspace(c.var.house, callerOf(c), idOf(c))
    const told = how === 'entered' ? 'Its admins are told.' : 'It had no admin.'
    return changed(c, { redirect: ROOT, notice: `You are an admin of it now. ${told}` })
  } catch (error) {
    return showWorkspaces(c, NOTHING_TYPED, {}, wordsOf(error))
  }
}

/** The sentence of a conflict; anything else flies on. */
function wordsOf(error: unknown): string {
  if (error instanceof AppError && error.code === 'conflict') return error.message
  throw error
}

const idOf = (c: HttpContext) => c.req.param('id') as WorkspaceId
