/** The protocols that the web endpoint carries, loaded when it starts. Each registers its own paths. */

import type { CreateWebRoutes } from '../endpoints/web/web-access.ts'

export async function webProtocols(): Promise<readonly CreateWebRoutes[]> {
  const envelope = import('../endpoints/envelope/envelope-routes.ts')
  const neon = import('../endpoints/neon/neon-routes.ts')
  return [(await envelope).createEnvelopeRoutes, (await neon).createNeonRoutes]
}
