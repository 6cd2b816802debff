/** Base of the profile's IRIs. Names, not addresses: they never change. */
export const vocabulary = 'https://xingtan.example/xapi';

/**
 * Every act that becomes a statement: a verb IRI (published ones where they fit), its display in both
 * languages and the modality of the interaction analyses.
 */
export const verbs = {
	joined: { iri: 'http://activitystrea.ms/schema/1.0/join', zh: '加入了', en: 'joined', modality: 'presence' },
	left: { iri: 'http://activitystrea.ms/schema/1.0/leave', zh: '离开了', en: 'left', modality: 'presence' },
	raisedHand: {
		iri: 'http://schema.dases.eu/xapi/profile/virtual-classroom/verb/raised-hand',
		zh: '举手',
		en: 'raised a hand',
		modality: 'presence'
	},
	spoke: { iri: `${vocabulary}/verbs/spoke`, zh: '发言', en: 'spoke', modality: 'speech' },
	posted: { iri: `${vocabulary}/verbs/posted`, zh: '发消息', en: 'posted', modality: 'chat' },
	replied: { iri: 'http://id.tincanapi.com/verb/replied', zh: '回复了', en: 'replied', modality: 'chat' },
	edited: { iri: `${vocabulary}/verbs/edited`, zh: '编辑了', en: 'edited', modality: 'doc' },
	commented: { iri: 'http://adlnet.gov/expapi/verbs/commented', zh: '评论了', en: 'commented on', modality: 'doc' },
	handedIn: { iri: 'http://activitystrea.ms/schema/1.0/submit', zh: '上交了', en: 'handed in', modality: 'doc' },
	mapped: { iri: `${vocabulary}/verbs/mapped`, zh: '新增了节点', en: 'created a node in', modality: 'map' },
	moved: { iri: `${vocabulary}/verbs/moved`, zh: '移动了节点', en: 'moved a node in', modality: 'map' },
	linked: { iri: `${vocabulary}/verbs/linked`, zh: '连接了节点', en: 'linked nodes in', modality: 'map' },
	removed: { iri: `${vocabulary}/verbs/removed`, zh: '删除了节点', en: 'removed a node from', modality: 'map' },
	drew: { iri: `${vocabulary}/verbs/drew`, zh: '画了', en: 'drew on', modality: 'map' },
	answered: { iri: 'http://adlnet.gov/expapi/verbs/answered', zh: '回答了', en: 'answered', modality: 'quiz' },
	planned: { iri: `${vocabulary}/verbs/planned`, zh: '计划了', en: 'planned', modality: 'plan' },
	assigned: { iri: 'http://activitystrea.ms/schema/1.0/assign', zh: '分配了', en: 'assigned', modality: 'plan' },
	completed: { iri: 'http://adlnet.gov/expapi/verbs/completed', zh: '完成了', en: 'completed', modality: 'plan' }
} as const;

export type RecordVerb = keyof typeof verbs;
export type Modality = (typeof verbs)[RecordVerb]['modality'];
