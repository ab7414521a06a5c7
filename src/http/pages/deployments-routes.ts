// The routes of deployments. Their pages are loaded with the first reader.

import { handlersOf, pageRoute, type Route } from '#http/routes.ts'

const ROOT = '/w/:slug/deployments'
const later = handlersOf(() => import('./deployments.tsx'))

export function deploymentRoutes(): readonly Route[] {
  const at = `${ROOT}/:id`
  const change = '/w/:slug/changes/:id'
  const rule = '/w/:slug/rules/:id'
  return [
    pageRoute('GET', ROOT, 'deployment.read', later('showDeployments')),
    pageRoute('GET', at, 'deployment.read', later('showDeployment')),
    pageRoute('GET', `${at}/items/:n`, 'deployment.read', later('showItem')),
    pageRoute('POST', `${at}/cancel`, 'deployment.run', later('cancel')),
    pageRoute('POST', `${at}/rollback`, 'deployment.run', later('goBack')),
    pageRoute('POST', `${at}/items/:n/rollback`, 'deployment.run', later('goBackWithOne')),
    pageRoute('POST', `${at}/items/:n/resolve`, 'deployment.run', later('decide')),
    pageRoute('POST', `${change}/deploy`, 'deployment.run', later('deploy')),
    pageRoute('GET', `${change}/plan`, 'deployment.read', later('showPlan')),
    pageRoute('POST', `${rule}/deployed/rollback`, 'deployment.run', later('goToVersion')),
  ]
}
