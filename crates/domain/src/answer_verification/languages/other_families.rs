//! Languages of all other families: Slavic, Finno-Ugric, Greek, Turkic, Semitic, Indic and Asian ones.

use super::{Language, NO_WORDS};

pub(super) const LANGUAGES: &[Language] = &[
    RUSSIAN, UKRAINIAN, POLISH, CZECH, FINNISH, HUNGARIAN, GREEK, TURKISH, ARABIC, HEBREW, HINDI, INDONESIAN,
    VIETNAMESE, CHINESE, JAPANESE, KOREAN, THAI,
];

const RUSSIAN: Language = Language {
    function_words: "и в не на что вас у я ты вы ваш ваши список список списке это какую какая привет да нет есть для с задача \
            задачи задач могу",
    passive_auxiliaries: "была было были",
    finite_verbs: "+добавил* +создал* -удалил* -убрал* -стёр =завершил* ~отметил* ~изменил* ~переименовал* ~обновил* \
           ~перенёс ~перенесла ~поменял*",
    participles: "+добавлен* +создан* -удалён* =выполнен* =завершен* ~отмечен* ~изменен* ~обновлен* ~перенесен*",
    standalone_claims: "готово сделано выполнено всё_готово всё_сделано",
    negations: "не ничего нет никакая никаких нельзя без",
    conditions: "если когда после чтобы пока",
    modals: "может можно будет будут",
    past: "уже вчера ранее раньше",
    others: "больше другие остальные остальное",
    requests: "+добавь* +создай* +напомни* +запиши -удали* -убери* -сотри =заверши* ~отметь* ~измени* ~переименуй* \
               ~перенеси* ~поменяй* ~обнови*",
    questions: "что какие какая какой как когда почему кто где покажи сколько есть",
    nouns: "задача задачи задачу задач",
    all: "все всё",
    numbers: "две три четыре пять шесть семь восемь девять десять",
    both: "обе",
    nothing: "Ничего не изменено.",
    ..NO_WORDS
};

const UKRAINIAN: Language = Language {
    function_words: "і в не на що вас у я ти ви ваш ваші список списку це яку яка привіт так ні є для з завдання можу та",
    finite_verbs: "+додав +додала +додано +створив +створено -видалив -видалила -видалено -прибрав =завершив =завершено \
           =виконано ~позначив ~позначила ~позначено ~змінив ~змінила ~змінено ~перейменовано ~оновив ~оновлено",
    standalone_claims: "готово зроблено виконано все_готово",
    negations: "не нічого немає без",
    conditions: "якщо коли після щоб поки",
    past: "вже учора вчора раніше",
    others: "більше інші решта",
    requests: "+додай* +створи* +нагадай* -видали* -прибери* =заверши* ~познач* ~зміни* ~перейменуй* ~перенеси*",
    questions: "що які яка який як коли чому хто де покажи скільки",
    nouns: "завдання завдань задача задачу",
    all: "все всі",
    numbers: "два три чотири п'ять шість сім вісім дев'ять десять",
    both: "обидва",
    nothing: "Нічого не змінено.",
    ..NO_WORDS
};

const POLISH: Language = Language {
    function_words: "i w nie na co jest są masz twoja twojej lista liście to cześć tak dla z zadanie zadania zadań mogę które się do",
    finite_verbs: "+dodałem +dodałam +dodano +utworzyłem +utworzono -usunąłem -usunęłam -usunięto -skasowałem =ukończyłem \
           =ukończono =zakończono ~oznaczyłem ~oznaczyłam ~oznaczono ~zmieniłem ~zmieniłam ~zmieniono \
           ~zaktualizowałem ~zaktualizowano ~przeniosłem ~przeniesiono",
    passive_auxiliaries: "zostało zostały została jest",
    participles: "+dodan* +utworzon* -usunięt* =ukończon* =zakończon* ~oznaczon* ~zmienion* ~zaktualizowan* ~przeniesion*",
    standalone_claims: "gotowe zrobione wykonano wykonane",
    negations: "nie nic żadne żadnego żadnych nigdy bez",
    conditions: "jeśli jeżeli gdy kiedy po przed aż",
    past: "już wczoraj wcześniej",
    others: "innego inne pozostałe więcej",
    requests: "+dodaj +utwórz +przypomnij -usuń -skasuj =ukończ =zakończ ~oznacz ~zmień ~przenieś ~zaktualizuj",
    questions: "co jakie jaki jaka jak kiedy dlaczego kto gdzie pokaż ile które czy",
    nouns: "zadanie zadania zadań",
    all: "wszystko wszystkie",
    numbers: "dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    both: "oba",
    nothing: "Nic nie zostało zmienione.",
    ..NO_WORDS
};

const CZECH: Language = Language {
    function_words: "a v ne není na co je jsou máš tvůj tvém seznam seznamu to ahoj ano pro s úkol úkoly úkolů mohu které se do",
    finite_verbs: "+přidal_jsem +přidala_jsem +vytvořil_jsem -smazal_jsem -smazala_jsem -odstranil_jsem -odstranila_jsem \
           =dokončil_jsem ~označil_jsem ~změnil_jsem ~změnila_jsem ~upravil_jsem ~přesunul_jsem",
    passive_auxiliaries: "byl byla bylo byly",
    participles: "+přidán* +vytvořen* -smazán* -odstraněn* =dokončen* =splněn* ~označen* ~změněn* ~upraven* ~přesunut*",
    standalone_claims: "hotovo vyřízeno",
    negations: "ne není nic žádný žádné žádná nikdy bez nebyl nebyla nebylo nebyly",
    conditions: "pokud když po před až",
    past: "už již včera dříve",
    others: "jiného jiné ostatní",
    requests: "+přidej +vytvoř +připomeň -smaž -odstraň =dokonči ~označ ~změň ~přesuň ~uprav",
    questions: "co jaké jaký jaká jak kdy proč kdo kde ukaž kolik které",
    nouns: "úkol úkoly úkolů",
    all: "vše všechny všechno",
    numbers: "dva tři čtyři pět šest sedm osm devět deset",
    both: "oba",
    nothing: "Nic nebylo změněno.",
    ..NO_WORDS
};

const FINNISH: Language = Language {
    function_words: "ja on ei olen sinulla sinun lista listalla listasi mikä mitä hei kyllä tehtävä tehtävää tehtävät voin että se",
    finite_verbs: "+lisäsin +loin -poistin =suoritin ~merkitsin ~muutin ~päivitin ~siirsin ~nimesin",
    passive_auxiliaries: "on olen",
    participles: "+lisätty +lisännyt +luotu -poistettu -poistanut =suoritettu ~merkitty ~merkinnyt ~muutettu ~muuttanut \
            ~päivitetty ~siirretty",
    standalone_claims: "valmis tehty valmista",
    negations: "ei en eivät mitään yhtään",
    conditions: "jos kun ennen jälkeen",
    past: "jo eilen aiemmin",
    others: "muuta muita muut",
    requests: "+lisää +luo +muistuta -poista =suorita ~merkitse ~muuta ~siirrä ~päivitä ~nimeä",
    questions: "mikä mitä mitkä miten milloin miksi kuka missä näytä montako onko",
    nouns: "tehtävä tehtävän tehtävää tehtävät",
    all: "kaikki kaiken",
    numbers: "kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen",
    both: "molemmat",
    nothing: "Mitään ei muutettu.",
    ..NO_WORDS
};

const HUNGARIAN: Language = Language {
    function_words: "a az és nem van hogy egy mi melyik szia igen lista listán listád feladat feladatok feladatot tudok ez",
    finite_verbs: "+hozzáadtam +létrehoztam +felvettem -töröltem -eltávolítottam =befejeztem =teljesítettem ~megjelöltem \
           ~módosítottam ~megváltoztattam ~frissítettem ~átneveztem ~áthelyeztem",
    participles: "+hozzáadva -törölve =befejezve ~megjelölve ~módosítva ~frissítve",
    passive_auxiliaries: "lett lettek",
    standalone_claims: "kész megvan készen_van elintézve",
    negations: "nem semmi semmit nincs sem sikerült",
    conditions: "ha amikor miután mielőtt",
    past: "már tegnap korábban",
    others: "más mást többi",
    requests: "+adj_hozzá +add_hozzá +vedd_fel +emlékeztess -töröld -törölj -távolítsd =fejezd ~jelöld ~módosítsd \
               ~nevezd ~változtasd ~helyezd",
    questions: "mi mit milyen melyik hogyan mikor miért ki hol mutasd hány",
    nouns: "feladat feladatot feladatok feladatokat",
    all: "minden összes mindent",
    numbers: "két kettő három négy öt hat hét nyolc kilenc tíz",
    both: "mindkét",
    nothing: "Semmi sem változott.",
    ..NO_WORDS
};

const GREEK: Language = Language {
    function_words: "ο η το οι τα και είναι δεν να σε στη στο λίστα σου με τι ποια γεια ναι όχι για εργασία εργασίες έχεις μπορώ",
    active_auxiliaries: "έχω",
    finite_verbs: "+πρόσθεσα +δημιούργησα -διέγραψα -αφαίρεσα =ολοκλήρωσα ~σημείωσα ~άλλαξα ~ενημέρωσα ~μετονόμασα ~μετέφερα \
           +προστέθηκε +προστέθηκαν -διαγράφηκε -διαγράφηκαν ~άλλαξε_σε",
    participles: "+προσθέσει -διαγράψει -αφαιρέσει =ολοκληρώσει ~σημειώσει ~αλλάξει ~ενημερώσει",
    standalone_claims: "έγινε έτοιμο ολοκληρώθηκε",
    negations: "δεν τίποτα καμία κανένα ποτέ χωρίς",
    conditions: "αν όταν αφού πριν μέχρι",
    past: "ήδη χθες νωρίτερα",
    others: "άλλο άλλα υπόλοιπα",
    requests: "+πρόσθεσε +δημιούργησε +θύμισε -διάγραψε -σβήσε -αφαίρεσε =ολοκλήρωσε ~σημείωσε ~άλλαξε ~μετονόμασε",
    questions: "τι ποια ποιες πώς πότε γιατί ποιος πού δείξε πόσες",
    nouns: "εργασία εργασίες",
    all: "όλα όλες όλους",
    numbers: "δύο τρεις τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα",
    nothing: "Δεν άλλαξε τίποτα.",
    ..NO_WORDS
};

const TURKISH: Language = Language {
    function_words: "ve bir bu ne hangi değil var yok listende listenizde listen merhaba evet hayır için ile görev görevin görevler \
            mi mı için lütfen senin",
    finite_verbs: "+ekledim +oluşturdum +eklendi +oluşturuldu -sildim -silindi -kaldırdım -kaldırıldı =tamamladım =tamamlandı \
           ~işaretledim ~işaretlendi ~değiştirdim ~değiştirildi ~güncelledim ~güncellendi ~taşıdım ~taşındı",
    standalone_claims: "tamam_oldu bitti yapıldı hazır",
    negations: "değil hiçbir hiç",
    conditions: "eğer",
    past: "zaten dün daha_önce önceden",
    others: "başka diğer",
    requests: "+ekle +ekler +oluştur +hatırlat -sil -siler -kaldır =tamamla =bitir ~işaretle ~değiştir ~güncelle ~taşı",
    questions: "ne neler hangi nasıl neden kim nerede göster listele kaç",
    nouns: "görev görevi görevler görevleri",
    all: "tüm bütün hepsi hepsini her",
    numbers: "iki üç dört beş altı yedi sekiz dokuz on",
    both: "her_iki",
    nothing: "Hiçbir şey değiştirilmedi.",
    ..NO_WORDS
};

const ARABIC: Language = Language {
    function_words: "في من على لا هل ما هو هي لديك قائمتك القائمة مرحبا نعم أي المهمة مهمة مهام هذه هذا إلى يمكنني عن",
    finite_verbs: "+أضفت +أنشأت -حذفت -أزلت =أكملت =أنهيت ~غيرت ~عدلت ~حدثت ~نقلت",
    active_auxiliaries: "تم تمت لقد_تم",
    participles: "+إضافة +إنشاء -حذف -إزالة -حذفها =إكمال =إنجاز ~تحديد ~تغيير ~تعديل ~تحديث ~نقل ~تعيين ~وضع",
    standalone_claims: "تم تم_ذلك انتهى",
    negations: "لم لا ليس لن أي بدون يتم",
    conditions: "إذا عندما بعد قبل حتى",
    past: "بالفعل أمس سابقا",
    others: "آخر أخرى غيرها",
    requests: "+أضف +أنشئ +ذكرني -احذف -أزل =أكمل =أنهِ ~غير ~عدل ~حدث ~انقل ~ضع",
    questions: "ما ماذا أي كيف متى لماذا من أين اعرض أظهر كم هل",
    nouns: "مهمة المهمة مهام المهام",
    all: "كل جميع",
    numbers: "اثنتين ثلاث أربع خمس ست سبع ثماني تسع عشر",
    nothing: "لم يتغير أي شيء.",
    ..NO_WORDS
};

const HEBREW: Language = Language {
    function_words: "של את לא על יש אין אני אתה מה איזו איזה שלום כן הרשימה ברשימה רשימה שלך זה עם משימה משימות המשימה אפשר",
    finite_verbs: "+הוספתי +יצרתי -מחקתי -הסרתי =השלמתי =סיימתי ~סימנתי ~שיניתי ~עדכנתי ~העברתי +נוספה +נוסף -נמחקה -נמחקו -נמחק \
           -הוסרה =הושלמה ~סומנה ~עודכנה ~שונתה",
    standalone_claims: "בוצע נעשה סיימתי",
    negations: "לא כלום שום אף בלי",
    conditions: "אם כאשר אחרי לפני עד",
    past: "כבר אתמול קודם",
    others: "אחר אחרת אחרות",
    requests: "+הוסף +הוסיפי +צור +תוסיף +תזכיר -מחק -תמחק -הסר =השלם ~סמן ~תסמן ~שנה ~עדכן ~העבר",
    questions: "מה איזה איזו איך מתי למה מי איפה הצג כמה",
    nouns: "משימה המשימה משימות המשימות",
    all: "הכל כל",
    numbers: "שתי שלוש ארבע חמש שש שבע שמונה תשע עשר",
    nothing: "שום דבר לא השתנה.",
    ..NO_WORDS
};

const HINDI: Language = Language {
    function_words: "है हैं का की के में नहीं और आप आपकी आपके क्या कौन नमस्ते हाँ सूची कार्य मैं को से यह पर",
    finite_verbs: "+जोड़_दिया +जोड़_दी +जोड़ा_गया -हटा_दिया -हटा_दी -हटा_दिए -हटाया_गया -मिटा_दिया =पूरा_कर_दिया ~बदल_दिया \
           ~चिह्नित_कर_दिया ~चिह्नित_किया ~अपडेट_कर_दिया ~कर_दिया_है ~कर_दिया_गया",
    standalone_claims: "हो_गया कर_दिया पूरा_हो_गया",
    negations: "नहीं कुछ_नहीं कोई_नहीं न बिना",
    conditions: "अगर यदि जब",
    past: "पहले पहले_ही कल",
    others: "और_कुछ अन्य बाकी",
    requests: "+जोड़ो +जोड़ें +जोड़_दो -हटाओ -हटाएं -हटा_दो -मिटाओ =पूरा_करो ~बदलो ~बदलें ~चिह्नित_करें",
    questions: "क्या कौन कैसे कब क्यों कहाँ दिखाओ दिखाएं कितने",
    nouns: "कार्य कार्यों काम",
    all: "सभी सब",
    numbers: "दो तीन चार पाँच छह सात आठ नौ दस",
    nothing: "कुछ भी नहीं बदला गया।",
    ..NO_WORDS
};

const INDONESIAN: Language = Language {
    function_words: "yang di dan tidak ada anda kamu daftar saya apa mana halo ya ini itu untuk dengan tugas tugasmu bisa belum",
    active_auxiliaries: "saya_telah saya_sudah telah sudah berhasil",
    passive_auxiliaries: "berhasil",
    participles: "+menambahkan +ditambahkan +membuat +dibuat -menghapus -dihapus =menyelesaikan =diselesaikan ~menandai ~ditandai \
            ~mengubah ~diubah ~memperbarui ~diperbarui ~memindahkan ~dipindahkan",
    standalone_claims: "selesai beres sudah_selesai",
    adverbs: Some("berhasil juga telah sudah"),
    negations: "tidak belum gagal bukan tanpa",
    conditions: "jika kalau bila setelah sebelum",
    past: "kemarin sebelumnya tadi",
    others: "lain lainnya",
    requests: "+tambah +tambahkan +buat +ingatkan -hapus -hapuskan =selesaikan ~tandai ~ubah ~ganti ~pindahkan ~perbarui",
    questions: "apa mana bagaimana kapan mengapa siapa tampilkan lihat berapa",
    nouns: "tugas",
    all: "semua seluruh",
    numbers: "dua tiga empat lima enam tujuh delapan sembilan sepuluh",
    both: "kedua",
    nothing: "Tidak ada yang diubah.",
    ..NO_WORDS
};

const VIETNAMESE: Language = Language {
    function_words: "bạn của là không có và trong danh sách tôi gì nào xin chào vâng này cho với việc nhiệm vụ được một",
    active_auxiliaries: "đã tôi_đã",
    participles: "+thêm +tạo +được_thêm -xóa -xoá -được_xóa =hoàn_thành ~đánh_dấu ~được_đánh_dấu ~đổi ~thay_đổi ~cập_nhật ~chuyển",
    standalone_claims: "xong đã_xong xong_rồi",
    adverbs: Some("được vừa tự"),
    negations: "không chưa chẳng",
    conditions: "nếu khi sau trước",
    past: "rồi hôm qua trước",
    others: "khác",
    requests: "+thêm +tạo +nhắc -xóa -xoá =hoàn_thành ~đánh_dấu ~đổi ~sửa ~chuyển ~cập_nhật",
    questions: "gì nào bao_nhiêu cho_tôi_xem hiển_thị liệt_kê",
    nouns: "nhiệm_vụ công_việc việc",
    all: "tất_cả mọi",
    numbers: "hai ba bốn năm sáu bảy tám chín mười",
    nothing: "Không có gì được thay đổi.",
    ..NO_WORDS
};

const CHINESE: Language = Language {
    function_words: "的 是 我 你 您 有 在 吗 这 什么 任务 任務 请 好 个 没有",
    finite_verbs: "+已添加 +已经添加 +添加了 +已新增 +加入了 +已加入 +已为您添加 +已将 +创建了 +已创建 -已删除 -已经删除 -删除了 -已移除 \
           -移除了 -已清空 -都删除 =标记为已完成 =标记为完成 =标记成 ~已更新 ~更新了 ~已修改 ~修改了 ~已更改 ~改成了 ~改为了 \
           +已新增 -已刪除 -刪除了 =標記為已完成 =標記為完成 ~修改了",
    standalone_claims: "完成 完成了 好了 搞定 搞定了 已完成",
    negations: "没有 没 未 无法 不能 不会 不 沒有 無法",
    conditions: "如果 要是 之后 以后 若",
    modals: "可以 要 会 需要",
    past: "之前 昨天 早就",
    others: "其他 别的",
    requests: "+添加 +新增 +加一 +加上 +提醒我 -删除 -删掉 -移除 -清空 =完成 ~标记 ~修改 ~改成 ~改为 ~更新 -刪除 ~標記",
    questions: "什么 哪 怎么 怎样 吗 显示 列出 多少 几个",
    nouns: "任务 任務 事项",
    all: "所有 全部 都",
    numbers: "两 三 四 五 六 七 八 九 十",
    both: "两个",
    is_joined: true,
    nothing: "没有做任何更改。",
    ..NO_WORDS
};

const JAPANESE: Language = Language {
    function_words: "は が を に の です ます する ました",
    finite_verbs: "+追加しました +追加いたしました +追加した +作成しました +登録しました +追加されました -削除しました -削除いたしました -削除した \
           -削除されました -消しました -消去しました =完了しました =完了にしました =完了としてマークしました ~マークしました ~変更しました \
           ~更新しました ~変更いたしました ~移動しました ~設定しました ~直しました",
    standalone_claims: "完了 できました 完了です 終わりました",
    negations: "ません ない なかった できず",
    conditions: "場合 たら もし れば",
    past: "すでに 既に 昨日 以前",
    others: "他 ほか",
    requests: "+追加して +追加 +登録して +リマインド -削除して -削除 -消して =完了にして =完了 ~変更して ~変えて ~マークして ~移動して",
    questions: "何 どれ どの いつ 見せて 一覧 教えて いくつ ですか",
    nouns: "タスク 項目",
    all: "すべて 全て 全部",
    numbers: "二つ 三つ 四つ 五つ 六つ 七つ 八つ 九つ 十個",
    both: "両方",
    is_joined: true,
    nothing: "何も変更されていません。",
    ..NO_WORDS
};

const KOREAN: Language = Language {
    function_words: "은 는 이 가 을 를 의 에 니다 요",
    finite_verbs: "+추가했 +추가하였 +추가되었 +추가됐 +만들었 +등록했 -삭제했 -삭제하였 -삭제되었 -삭제됐 -지웠 -제거했 =완료했 =완료로_표시했 \
           =완료_처리했 =완료되었 ~표시했 ~변경했 ~변경되었 ~수정했 ~업데이트했 ~옮겼 ~바꿨 ~바꾸었",
    standalone_claims: "완료 완료됐습니다 다_됐습니다 됐습니다",
    negations: "않았 못했 못 없 지_않",
    conditions: "다면 경우 하면",
    past: "이미 어제 전에",
    others: "다른 나머지",
    requests: "+추가해 +추가 +만들어 +알려줘 -삭제해 -삭제 -지워 =완료로 =완료해 ~변경해 ~바꿔 ~수정해 ~옮겨 ~표시해",
    questions: "무엇 뭐 어떤 언제 왜 누구 어디 보여 몇 나요",
    nouns: "작업 할_일 항목",
    all: "모두 모든 전부",
    numbers: "두 세 네 다섯 여섯 일곱 여덟 아홉 열",
    both: "둘_다",
    is_joined: true,
    nothing: "변경된 것이 없습니다.",
    ..NO_WORDS
};

const THAI: Language = Language {
    function_words: "ครับ ค่ะ คุณ ที่ ไม่ มี ของ รายการ งาน และ ใน ฉัน",
    finite_verbs: "+เพิ่มแล้ว +ได้เพิ่ม +เพิ่มงาน -ลบแล้ว -ได้ลบ -ลบงานแล้ว -ลบทั้งหมดแล้ว =ทำเครื่องหมาย ~ได้เปลี่ยน ~เปลี่ยนแล้ว ~ได้แก้ไข ~แก้ไขแล้ว ~อัปเดตแล้ว \
           -ออกแล้ว ~เรียบร้อยแล้ว",
    standalone_claims: "เสร็จแล้ว เรียบร้อย",
    negations: "ไม่ ยัง",
    conditions: "ถ้า หาก เมื่อ",
    past: "ก่อนหน้า เมื่อวาน",
    others: "อื่น",
    requests: "+เพิ่ม +สร้าง +เตือน -ลบ =ทำเครื่องหมาย ~เปลี่ยน ~แก้ไข ~ย้าย",
    questions: "อะไร ไหน แสดง กี่ อย่างไร",
    nouns: "งาน รายการ",
    all: "ทั้งหมด ทุก",
    is_joined: true,
    nothing: "ไม่มีการเปลี่ยนแปลง",
    ..NO_WORDS
};
