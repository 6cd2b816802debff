import { newApi } from '#lib/server/route.ts';

export const documentsRoutes = newApi();
