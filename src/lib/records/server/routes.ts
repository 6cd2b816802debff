import { newApi } from '#lib/server/route.ts';

export const recordsRoutes = newApi();
