import { newApi } from '#lib/server/route.ts';

export const analysisRoutes = newApi();
