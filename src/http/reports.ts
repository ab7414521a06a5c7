// Where browsers say that a page broke its own policy. On a page of ours that is a bug or an attack
// that failed, so it is worth a line in the log; what the report says is written by the browser or by
// whoever imitates one, and is bounded.

import { z } from 'zod'
import type { HttpContext } from './env.ts'
import { REPORTS_PATH } from './headers.ts'
import { publicRoute, type Route } from './routes.ts'

const REPORT_BYTES_MAX = 16 * 1024

const Text = z.string().max(2_000).optional()
const Report = z.object({
  'csp-report': z.object({
    'violated-directive': Text,
    'blocked-uri': Text,
    'document-uri': Text,
    'source-file': Text,
    'line-number': z.number().optional(),
  }),
})

export function reportRoute(): Route {
  return publicRoute('POST', REPORTS_PATH, takeReport, {
    bodyBytesMax: REPORT_BYTES_MAX,
    // Sent by the browser on its own behalf: without cookie, and without an Origin to check.
    takesForeignWrites: true,
  })
}

async function takeReport(c: HttpContext): Promise<Response> {
  const report = Report.safeParse(parse(await c.req.text()))
  if (report.success) {
    const { house, requestId } = c.var
    house.log.warn({ requestId, report: report.data['csp-report'] }, 'a page broke its policy')
  }
  return c.body(null, 204)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined // no report of a browser
  }
}
