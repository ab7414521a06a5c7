// How a handler answers with HTML: a page, a fragment, the outcome of a change, a refusal. Nobody else
// looks at htmx's request headers or writes its response headers.

import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { assert } from '#kernel/error.ts'
import { AnswerProvider } from '#views/parts/answer.ts'
import { Partial } from '#views/parts/hx.tsx'
import { Toast } from '#views/parts/notice.tsx'
import { RefusalNotice, RefusalPage } from '#views/shell/error-page.tsx'
import type { Crumb } from '#views/shell/frame.ts'
import { Gate, Paper, Shell } from '#views/shell/shell.tsx'
import { callerOf } from './caller.ts'
import type { HttpContext } from './env.ts'
import type { Refusal } from './error.ts'
import { crumbsOf, loadFrame } from './frame.ts'
import { safeNext } from './next.ts'
import { whyOf } from './whys.ts'

export interface PageOptions {
  readonly title: string
  /** Pages between home and this one. */
  readonly trail?: readonly Crumb[]
  readonly status?: ContentfulStatusCode
}

/** The whole document in its frame, or only title and content when htmx asks for a part of a page. */
export async function page(
  c: HttpContext,
  options: PageOptions,
  content: Child,
): Promise<Response> {
  const { title, trail = [], status = 200 } = options
  if (isPartial(c)) {
    return fragment(
      c,
      <>
        <title>{title}</title>
        {content}
      </>,
      status,
    )
  }
  assert(c.var.session, 'a page in its frame is for somebody signed in')
  const frame = await loadFrame(c, c.var.session, callerOf(c))
  const isHome = c.req.path === frame.paths.home
  const crumbs = crumbsOf(frame, isHome ? [{ label: title }] : [...trail, { label: title }])
  return document(
    c,
    <Shell title={title} crumbs={crumbs} frame={frame}>
      {content}
    </Shell>,
    status,
  )
}

/** A page without frame, for a stranger or for what belongs to no workspace. */
export function gatePage(
  c: HttpContext,
  options: {
    readonly title: string
    readonly foot?: Child
    readonly status?: ContentfulStatusCode
  },
  content: Child,
): Response {
  const { title, foot, status = 200 } = options
  // A refusal does not tell which page it stands in the place of.
  const why = status === 403 ? null : whyOf(c.var.route?.path)
  return document(
    c,
    <Gate title={title} why={why} foot={foot}>
      {content}
    </Gate>,
    status,
  )
}

/** A text that ships with the product, for everybody. */
export function paperPage(c: HttpContext, title: string, content: Child): Response {
  return document(c, <Paper title={title}>{content}</Paper>, 200)
}

/** One component with a stable id, or several; `title` and `Partial` parts may ride along. */
export function fragment(
  c: HttpContext,
  content: Child,
  status: ContentfulStatusCode = 200,
): Response {
  return send(c, render(c, <>{content}</>), status)
}

/** True when htmx wants only the element with this id, and not its whole page. */
export function wantsOnly(c: HttpContext, id: string): boolean {
  return isPartial(c) && (c.req.header('HX-Target') ?? '').endsWith(`#${id}`)
}

export interface Outcome {
  /** What changed, as htmx swaps it; absent when the whole page is another one now. */
  readonly fragment?: Child
  /** Where a plain form goes on. */
  readonly redirect: string
  /** What was done, in words: a toast, or said by the next page. */
  readonly notice: string
}

/** The answer to an action: fragment and toast for htmx, 303 and the same words for a plain form. */
export function changed(c: HttpContext, outcome: Outcome): Response {
  if (isHtmx(c) && outcome.fragment !== undefined) {
    return fragment(
      c,
      <>
        {outcome.fragment}
        <Partial target="#toasts" swap="beforeend">
          <Toast>{outcome.notice}</Toast>
        </Partial>
      </>,
    )
  }
  if (c.var.session) c.var.session.notice = outcome.notice
  return goTo(c, outcome.redirect)
}

/**
 * 303; for htmx a header that makes the page go there: fetch would follow a 303 unseen and swap a page
 * into a part.
 */
export function goTo(c: HttpContext, path: string): Response {
  assert(/^\/(?![/\\])/.test(path), 'a redirect stays on this site')
  if (!isHtmx(c)) return c.redirect(path, 303)
  c.header('HX-Redirect', path)
  return c.body(null, 200)
}

/**
 * A refusal or failure as HTML. htmx swaps error answers like any other, so it is sent to the page's
 * alert and not to the target. Never fails itself: without a frame it stands alone.
 */
export async function refused(c: HttpContext, refusal: Refusal): Promise<Response> {
  if (isHtmx(c) && refusal.status === 401) return goTo(c, signInPath(c))
  if (isHtmx(c)) {
    c.header('HX-Retarget', '#problem')
    c.header('HX-Reswap', 'innerHTML')
    c.header('HX-Push-Url', 'false')
    return fragment(
      c,
      <RefusalNotice refusal={refusal} requestId={c.var.requestId} />,
      refusal.status,
    )
  }
  const { session, caller } = c.var
  const content = (
    <RefusalPage refusal={refusal} requestId={c.var.requestId} signIn={signInPath(c)} />
  )
  const frame = session && caller && (await loadFrame(c, session, caller).catch(() => undefined))
  if (!frame) return gatePage(c, { title: refusal.title, status: refusal.status }, content)
  const crumbs = crumbsOf(frame, [{ label: String(refusal.status) }])
  return document(
    c,
    <Shell title={refusal.title} crumbs={crumbs} frame={frame}>
      {content}
    </Shell>,
    refusal.status,
  )
}

/** Where somebody signs in and comes back to the page they asked for, or that htmx asked from. */
function signInPath(c: HttpContext): string {
  const asked = isHtmx(c) ? c.req.header('HX-Current-URL') : c.req.method === 'GET' && c.req.url
  if (!asked || !URL.canParse(asked)) return '/sign-in'
  const { pathname, search } = new URL(asked)
  const next = safeNext(pathname + search)
  return next === undefined ? '/sign-in' : `/sign-in?${new URLSearchParams({ next }).toString()}`
}

const isHtmx = (c: HttpContext): boolean => c.req.header('HX-Request') === 'true'
const isPartial = (c: HttpContext): boolean => c.req.header('HX-Request-Type') === 'partial'

function document(c: HttpContext, node: Child, status: ContentfulStatusCode): Response {
  return send(c, `<!doctype html>${render(c, node)}`, status)
}

function render(c: HttpContext, node: Child): string {
  const { nonce, face, house } = c.var
  const answer = { nonce, asset: face.statics.url, now: house.clock.now() }
  const tree = <AnswerProvider value={answer}>{node}</AnswerProvider>
  const html = (tree as { toString(): string | Promise<string> }).toString()
  assert(typeof html === 'string', 'views must not await: handlers fetch, views show')
  return html
}

function send(c: HttpContext, html: string, status: ContentfulStatusCode): Response {
  c.header('Vary', 'HX-Request, HX-Request-Type, HX-Target')
  return c.html(html, status)
}
