// `/dev/parts`: the parts of the look, for whoever builds pages. Only while developing: app.ts imports
// this file behind the development switch, so a release does not contain it.

import { z } from 'zod'
import { EchoForm, NO_ECHO, type Echo } from '#views/dev/echo.tsx'
import { PartsPage } from '#views/dev/parts-page.tsx'
import { AppError } from '#kernel/error.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'

const Input = z.object({
  text: z.string().max(20_000),
  round: z.coerce.number().int().min(0).max(1_000_000),
})

export function devRoutes(): readonly Route[] {
  return [
    pageRoute('GET', '/dev/parts', 'signed-in', (c) => showParts(c, NO_ECHO)),
    pageRoute('POST', '/dev/parts', 'signed-in', echo),
    pageRoute('POST', '/dev/parts/confirmed', 'signed-in', (c) =>
      changed(c, { redirect: '/dev/parts', notice: 'Nothing was retired.' }),
    ),
  ]
}

function showParts(c: HttpContext, shown: Echo, status: 200 | 422 = 200) {
  return page(c, { title: 'Parts', status }, <PartsPage echo={shown} />)
}

async function echo(c: HttpContext): Promise<Response> {
  const form = await readForm(c, Input)
  // A form sends line breaks as CRLF; text is kept with LF.
  const text = form.text.replaceAll('\r\n', '\n')
  if (text === 'refuse') throw new AppError('conflict', 'This text is refused on purpose.')
  const problems = text === '' ? { text: 'Type something first.' } : undefined
  const round = form.round + 1
  const shown: Echo = problems
    ? { text, problems, round: form.round }
    : { text, problems: {}, round }
  if (!wantsOnly(c, 'echo')) return showParts(c, shown, problems ? 422 : 200)
  if (problems) return fragment(c, <EchoForm echo={shown} />, 422)
  return changed(c, {
    fragment: <EchoForm echo={shown} />,
    redirect: '/dev/parts',
    notice: `Round ${round}.`,
  })
}
