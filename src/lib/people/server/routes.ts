import { newApi } from '#lib/server/route.ts';

export const peopleRoutes = newApi();
