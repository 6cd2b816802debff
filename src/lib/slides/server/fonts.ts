/** What Chinese slides call their fonts, and which free ones stand in for them, the first that is there. */
const standIns: readonly (readonly [names: readonly string[], fonts: readonly string[]])[] = [
	[
		['宋体', 'SimSun', '新宋体', 'NSimSun', '华文宋体', 'STSong', '华文中宋', 'STZhongsong', '方正小标宋简体', 'Songti SC'],
		['Noto Serif CJK SC', 'Source Han Serif SC']
	],
	[
		['仿宋', 'FangSong', '仿宋_GB2312', 'FangSong_GB2312', '华文仿宋', 'STFangsong'],
		['Noto Serif CJK SC', 'Source Han Serif SC']
	],
	[
		['楷体', 'KaiTi', '楷体_GB2312', 'KaiTi_GB2312', '华文楷体', 'STKaiti', 'Kaiti SC'],
		['AR PL UKai CN', 'Noto Serif CJK SC']
	],
	[
		[
			'微软雅黑',
			'Microsoft YaHei',
			'微软雅黑 Light',
			'黑体',
			'SimHei',
			'等线',
			'DengXian',
			'等线 Light',
			'华文细黑',
			'STXihei',
			'PingFang SC'
		],
		['Noto Sans CJK SC', 'Source Han Sans SC']
	]
];
/** The same characters are drawn otherwise in Japan, Korea, Taiwan and Hong Kong: they stand in for nothing here. */
const foreign = ['Sans', 'Serif'].flatMap((kind) => ['JP', 'KR', 'TC', 'HK'].map((place) => `Noto ${kind} CJK ${place}`));

/** Settings of fontconfig with which slides look as in China, beside those of the system. */
export const fontSettings = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<selectfont><rejectfont>
${foreign.map((name) => `<pattern><patelt name="family"><string>${name}</string></patelt></pattern>`).join('\n')}
</rejectfont></selectfont>
${standIns
	.flatMap(([names, fonts]) =>
		names.map(
			(name) =>
				`<alias binding="same"><family>${name}</family><prefer>${fonts.map((font) => `<family>${font}</family>`).join('')}</prefer></alias>`
		)
	)
	.join('\n')}
</fontconfig>
`;
