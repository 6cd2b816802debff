/**
 * Passwords of ten characters and more that guessers try first, here and elsewhere; shorter ones are refused
 * by their length, runs and repetitions by their shape.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
	`
		1234567890 12345678910 0123456789 123456789a a123456789 123456789q q123456789 1234567891 1234567899 12345678900
		123123123123 1231231234 1122334455 112233445566 1020304050 147258369a 1472583690 147852369a 9876543210 0987654321
		1111111111 0000000000 1313131313 1212121212 5201314520 5201314521 52013145201314 1314520520 1314521521 13145201314
		1357924680 2468013579 1029384756 aa123456789 abc123456789 abc1234567 abcd123456 abcd1234567 abcde12345 a1234567890
		a12345678910 asd123456789 asdf123456 asdfghjkl1 asdfghjkl; asdfghjkl123 qwertyuiop qwertyuiop123 qwerty123456
		qwerty12345 qwerty1234 qwer123456 qwe123456789 qweasdzxc123 qazwsxedc123 qazwsxedcrfv 1qaz2wsx3edc 1qaz2wsx3edc4rfv
		1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u zaq12wsxcde3 zxcvbnm123 zxcvbnm1234 zxcvbnm123456 zxcvbnm,./ zxc123456789
		1234qwerasdf 12345qwert 123456qwerty 123qweasdzxc 123456abcd 1234abcd5678 password12 password123 password1234
		password12345 passw0rd123 p@ssw0rd123 p@ssword123 password01 password11 passwordpassword mypassword1 newpassword
		changeme123 letmein1234 welcome123 welcome1234 welcome2024 welcome2025 welcome2026 administrator admin12345
		admin123456 admin1234567 admin888888 adminadmin administrator1 iloveyou123 iloveyou1314 iloveyou520 woaini1314
		woaini5201314 woaini520520 woaini123456 woaini521521 woaini1314520 woaiwojia1 woaizhongguo woaibeijing woaixuexi1
		nihao123456 nihaonihao nihaoma123 zhongguo123 beijing2008 shanghai2010 caonima123 wang123456 zhang123456 liuchang123
		computer123 internet123 superman123 football123 basketball baseball123 princess123 sunshine123 monkey12345 dragon12345
		michael1234 jordan23456 pokemon1234 starwars123 school12345 student123 student1234 student12345 student123456
		teacher123 teacher1234 teacher12345 teacher123456 xuesheng123 xuexiao123 laoshi1234 laoshi123456 jiaoshi123 mima123456
		mima1234567 mimamima123 mimajiushi mimashi123 wodemima123 qq123456789 qq1234567890 qq12345678 wangyut2006 xiaoming123
		xiaohong123 woshishui123 woshinibaba wobuzhidao wobuzhidao1 wohenaini1 wohenaini520 tiancai123 shengrikuaile
		aini1314520 aini520520 5201314aini 7758521521 77585217758521 520520520520 521521521521 1314131413 8888888888
		6666666666 9999999999 a111111111 a000000000 aaaaaaaaaa1 aaa123456789 aaaa123456 111222333444 123321123321 1234554321
		12344321123 1236987456 1597534682 159357159357 159753159753 741852963a 7418529630 789456123a 7894561230 963852741a
		9638527410 369258147a 3216549870 321654987a 0147258369 1q1q1q1q1q qqqqqqqqqq wwwwwwwwww zzzzzzzzzz abcdefghij
		abcdefghijk abcdefg123 abcdefg1234 abcabc123123 xyz1234567 test123456 test1234567 testtest123 demo123456 guest12345
		root123456 root1234567 rootroot123 default123 secret1234 temp123456 temporary1 trustno1234 whatever123 qwertyqwerty
		asdfasdfasdf asdasdasdasd zxczxczxczxc qweqweqweqwe q1w2e3r4t5 q1w2e3r4t5y6 a1s2d3f4g5 a1b2c3d4e5 z1x2c3v4b5
		1a2b3c4d5e 1234567abc 123abc456def 11223344556 1123581321 3141592653 3.14159265 31415926535 2718281828 20252025aa
		20262026aa spring2026 summer2026 autumn2026 winter2026 summer2025 spring2025 huawei12345 xiaomi12345 lenovo12345
		wechat12345 weixin12345 taobao12345 alibaba123 tencent123 xingtan123 xingtan1234 xingtan12345 xingtan123456 kongzi1234
		changjiang huanghe123 woxihuanni woxiangni520 baobao1314 baobei1314 laogong1314 laopo1314520 laopolaogong
	`
		.trim()
		.split(/\s+/)
);
