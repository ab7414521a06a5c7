// Microsoft's services on one port: the token service, and whichever of the others are served beside it.
// Their paths do not meet. Azure's clients speak TLS only, so its stand-in is started with a certificate.

import { Hono } from 'hono'
import type { Answerer } from '#standins/server.ts'
import type { Directory } from './directory.ts'
import { serveSignIn } from './sign-in.ts'

export type Service = (app: Hono) => void

export function microsoftAnswers(
  directory: Directory,
  services: readonly Service[] = [],
): Answerer {
  const app = new Hono()
  serveSignIn(app, directory)
  for (const serve of services) serve(app)
  return (request) => app.fetch(request)
}
