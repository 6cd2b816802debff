import { newApi } from '#lib/server/route.ts';

export const spacesRoutes = newApi();
