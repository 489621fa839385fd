//! Germanic and Romance languages.

use super::{Language, NO_WORDS};

pub(super) const LANGUAGES: &[Language] =
    &[ENGLISH, GERMAN, DUTCH, SWEDISH, DANISH, NORWEGIAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, ROMANIAN];

const ENGLISH: Language = Language {
    function_words: "the is are you your i i'm i've it it's and to of a an in on what which do does have there this that \
            can hello hi hey not no for with me my list please thanks thank_you ok okay yes be by at from would \
            could nothing anything hm well good now here",
    active_auxiliaries: "i've i_have i we've we_have we",
    passive_auxiliaries: "has_been have_been has_now_been have_now_been have_all_been has_successfully_been \
               have_successfully_been was were is_now are_now is are",
    participles: "+added +created -deleted -removed -erased -cleared -dropped =completed =finished ~marked ~checked_off \
            ~ticked_off ~crossed_off ~changed ~updated ~renamed ~moved ~rescheduled ~postponed ~edited \
            ^restored ^reopened ~scheduled ~saved ~done ^undone ~skipped ~tagged ~pushed_back ~pushed_to \
            ^reverted ~replaced ~unchecked \
            -got_rid_of -gotten_rid_of",
    // "Set" alone may be an order, and lists are put in order. Of a quoted title nothing is left between.
    finite_verbs: "~i've_set ~i_have_set ~i've_just_set ~has_been_set ~have_been_set ~i've_pushed ~i've_just_pushed \
           +i've_put_on +i've_put_it_on +i've_put_that_on +i've_put_them_on +i've_put_both_on \
           -i've_taken_off -i've_taken_it_off -i've_taken_that_off -i've_taken_them_off -i've_wiped \
           -i've_just_wiped ~i've_made_the_change ~i've_made_that_change ~i've_made_the_changes \
           ~i've_made_those_changes ~i've_checked_it_off ~i've_checked_that_off ~i've_checked_them_off \
           ~i've_ticked_it_off ~i've_ticked_them_off ~i've_crossed_it_off ~i've_crossed_them_off",
    stative_claims: "-is_gone -are_gone -are_all_gone -no_longer_on_your_list +is_now_on_your_list \
             +is_on_your_list_now -is_now_empty =is_now_complete =are_now_complete",
    standalone_claims: "done all_done all_set it's_done that's_done it_is_done that_is_done consider_it_done success \
            successfully_done",
    adverbs: Some("just now already also successfully gone ahead went then have both quickly all been and"),
    negations: "not no nothing none never neither nobody without unable failed haven't hasn't wasn't weren't \
                didn't couldn't can't isn't aren't don't won't wouldn't cannot",
    conditions: "if once when whenever after before until unless which who whether",
    modals: "will would can could should shall may might must be",
    past: "already yesterday earlier previously before ago last meanwhile since elsewhere",
    others: "else other others remaining rest",
    requests: "+add +create +remind_me +put -delete -remove -erase -clear -get_rid_of =complete =finish ~mark \
               ~check_off ~tick_off ~cross_off ~rename ~change ~update ~edit ~move ~reschedule ~postpone ~set \
               ~undo ~restore ~reopen ~skip ~cancel ~revert =i_finished =i_did =i_have_done =i've_done =i've_finished",
    questions: "how what what's which when why who where did do does is are was were have has show list tell_me \
                give_me can_i could_i should_i remind_me_what remind_me_what's remind_me_which \
                remind_me_who remind_me_where remind_me_how remind_me_why update_me",
    nouns: "task tasks item items todo todos reminder reminders entry entries",
    all: "all everything every",
    numbers: "two three four five six seven eight nine ten",
    both: "both",
    nothing: "Nothing was changed.",
    ..NO_WORDS
};

const GERMAN: Language = Language {
    function_words: "der die das ein eine ist sind ich du und nicht auf zu mit für dein deine deiner liste was wie hallo \
            ja nein bitte es den dem kein keine noch habe hast kann mir sie welche",
    active_auxiliaries: "habe ich_hab wir_haben",
    passive_auxiliaries: "wurde wurden ist sind worden",
    participles: "+hinzugefügt +angelegt +aufgenommen +eingetragen +erstellt +notiert -gelöscht -entfernt -gestrichen \
            =erledigt =abgehakt =abgeschlossen ~geändert ~aktualisiert ~umbenannt ~verschoben ~angepasst ~verlegt \
            ~markiert ~gesetzt ~gespeichert ^wiederhergestellt ~geleert",
    standalone_claims: "erledigt fertig alles_erledigt ist_erledigt schon_erledigt gemacht ist_gemacht",
    negations: "nicht nichts kein keine keinen keines nie niemals weder ohne konnte konnten",
    conditions: "wenn falls sobald nachdem bevor bis ob soll sollte sollen die_ich",
    modals: "kann können wird werden würde darf muss müssen möchtest",
    past: "schon bereits inzwischen zwischenzeitlich gestern früher vorhin zuvor vorher letzte letzten",
    others: "sonst weiteres andere anderen übrigen weiter",
    requests: "+füge +hinzufügen +trag +trage +erinnere +erstelle +schreib +schreibe +notiere +setze -lösche \
               -löschen -lösch -entferne -entfernen -streiche -streich =erledige =hake =abhaken =schließe ~ändere \
               ~ändern ~benenne ~umbenennen ~markiere ~markier ~verschiebe ~verschieben ~verlege ~stelle",
    questions: "was wie welche welcher welches wann warum wer wo zeig zeige gibt hast habe ist sind liste",
    nouns: "aufgabe aufgaben eintrag einträge punkt punkte",
    all: "alle alles sämtliche",
    numbers: "zwei drei vier fünf sechs sieben acht neun zehn",
    both: "beide beiden",
    nothing: "Es wurde nichts geändert.",
    ..NO_WORDS
};

const DUTCH: Language = Language {
    function_words: "het een en niet je jouw ik van op te lijst taak taken wat welke zijn heb heeft hallo graag geen voor \
            dat deze er wil",
    active_auxiliaries: "heb we_hebben ik_heb",
    passive_auxiliaries: "is zijn werd werden",
    participles: "+toegevoegd +aangemaakt +gemaakt -verwijderd -gewist -geschrapt =voltooid =afgevinkt =afgerond \
            ~gewijzigd ~bijgewerkt ~hernoemd ~verplaatst ~aangepast ~gemarkeerd ~verzet ~veranderd",
    standalone_claims: "klaar gedaan gelukt voltooid het_is_gelukt",
    negations: "niet niets geen nooit zonder kon konden",
    conditions: "als zodra wanneer nadat voordat tot of",
    modals: "kan kunnen zal zullen zou moet moeten",
    past: "al reeds gisteren eerder",
    others: "anders andere overige",
    requests: "+voeg +toevoegen +maak +zet -verwijder -verwijderen -wis -schrap =voltooi =vink =rond ~wijzig \
               ~hernoem ~verander ~verplaats ~markeer ~verzet ~pas",
    questions: "wat welke hoe wanneer waarom wie waar toon laat heb is zijn geef",
    nouns: "taak taken item items",
    all: "alle alles",
    numbers: "twee drie vier vijf zes zeven acht negen tien",
    both: "beide",
    nothing: "Er is niets gewijzigd.",
    ..NO_WORDS
};

const SWEDISH: Language = Language {
    function_words: "och att det är inte jag du din dina har vad vilken lista listan en ett som på hej för kan mig vill",
    active_auxiliaries: "jag_har har_jag vi_har",
    passive_auxiliaries: "har är blev",
    participles: "+lagt_till +tillagd +tillagt +skapat +skapad -tagit_bort -borttagen -borttagna -raderat -raderad \
            -raderade -raderats =slutfört =bockat_av =avklarad =klarmarkerat ~ändrat ~ändrad ~uppdaterat \
            ~uppdaterad ~markerat ~markerad ~flyttat ~flyttad ~bytt_namn",
    finite_verbs: "+lade_till -tog_bort",
    standalone_claims: "klart klar färdigt gjort",
    negations: "inte inget inga ingenting aldrig utan kunde",
    conditions: "om när innan efter tills",
    modals: "kan ska skulle måste",
    past: "redan igår tidigare",
    others: "annat andra övriga",
    requests: "+lägg_till +skapa -ta_bort -radera =slutför =bocka ~ändra ~byt ~flytta ~markera ~uppdatera",
    questions: "vad vilken vilka hur när varför vem var visa har är finns",
    nouns: "uppgift uppgiften uppgifter uppgifterna",
    all: "alla allt",
    numbers: "två tre fyra fem sex sju åtta nio tio",
    both: "båda",
    nothing: "Ingenting har ändrats.",
    ..NO_WORDS
};

const DANISH: Language = Language {
    function_words: "og at det er ikke jeg du din dine har hvad hvilken liste listen en et som på hej for kan mig vil",
    active_auxiliaries: "jeg_har har_jeg vi_har",
    passive_auxiliaries: "er blev er_blevet",
    participles: "+tilføjet +oprettet -slettet -fjernet =fuldført =afsluttet =krydset_af ~ændret ~opdateret ~omdøbt \
            ~flyttet ~markeret",
    finite_verbs: "+tilføjede -slettede -fjernede",
    standalone_claims: "færdig gjort klaret udført",
    negations: "ikke intet ingen ingenting aldrig uden kunne",
    conditions: "hvis når før efter indtil",
    modals: "kan skal vil ville må",
    past: "allerede tidligere går",
    others: "andet andre øvrige",
    requests: "+tilføj +opret -slet -fjern =fuldfør =afslut ~ændr ~omdøb ~flyt ~markér ~opdater",
    questions: "hvad hvilken hvilke hvordan hvornår hvorfor hvem hvor vis har er",
    nouns: "opgave opgaven opgaver opgaverne",
    all: "alle alt",
    numbers: "to tre fire fem seks syv otte ni ti",
    both: "begge",
    nothing: "Intet blev ændret.",
    ..NO_WORDS
};

const NORWEGIAN: Language = Language {
    function_words: "og å det er ikke jeg du din dine har hva hvilken liste listen en et som på hei for kan meg vil",
    active_auxiliaries: "jeg_har har_jeg vi_har",
    passive_auxiliaries: "er ble er_blitt har_blitt",
    participles: "+lagt_til +opprettet -slettet -fjernet =fullført =krysset_av ~endret ~oppdatert ~flyttet ~markert",
    finite_verbs: "+la_til -slettet_jeg -fjernet_jeg",
    standalone_claims: "ferdig gjort fullført utført",
    negations: "ikke ingenting ingen aldri uten kunne",
    conditions: "hvis når før etter inntil",
    modals: "kan skal vil ville må",
    past: "allerede tidligere går",
    others: "annet andre øvrige",
    requests: "+legg_til +opprett -slett -fjern =fullfør ~endre ~flytt ~marker ~oppdater",
    questions: "hva hvilken hvilke hvordan når hvorfor hvem hvor vis har er",
    nouns: "oppgave oppgaven oppgaver oppgavene",
    all: "alle alt",
    numbers: "to tre fire fem seks sju åtte ni ti",
    both: "begge",
    nothing: "Ingenting ble endret.",
    ..NO_WORDS
};

const FRENCH: Language = Language {
    function_words: "le la les un une des est sont je tu vous et de du dans sur votre vos ta tes liste quoi quelle quel \
            bonjour oui non pour pas ne il y que j'ai c'est avec",
    active_auxiliaries: "j'ai nous_avons je_l'ai je_les_ai je_viens_de_les",
    passive_auxiliaries: "a_été ont_été est sont",
    participles: "+ajouté* +créé* -supprimé* -effacé* -retiré* -enlevé* =terminé* =complété* =accompli* ~coché* ~marqué* \
            ~modifié* ~renommé* ~déplacé* ~changé* ~mis_à_jour ~mise_à_jour ~mises_à_jour ~reporté*",
    standalone_claims: "fait c'est_fait voilà_c'est_fait terminé",
    adverbs: Some("bien déjà aussi tout également"),
    negations: "pas rien aucun aucune jamais sans impossible n'ai n'a n'ont",
    conditions: "si quand lorsque après avant jusqu'à dès",
    modals: "peux peut pourra sera seront serait veux voulez",
    past: "déjà entre-temps hier auparavant précédemment",
    others: "autre autres reste",
    requests: "+ajoute +ajouter +ajoutez +crée +rappelle-moi -supprime -supprimer -supprimez -efface -enlève -retire \
               =termine =complète =coche ~marque ~marquer ~modifie ~renomme ~change ~déplace ~reporte ~mets",
    questions: "que qu'est quoi quelle quelles quel quels comment quand pourquoi qui où montre affiche est-ce liste",
    nouns: "tâche tâches élément éléments",
    all: "tout tous toutes",
    numbers: "deux trois quatre cinq six sept huit neuf dix",
    both: "les_deux",
    nothing: "Rien n'a été modifié.",
    ..NO_WORDS
};

const SPANISH: Language = Language {
    function_words: "el la los las un una es son yo tú tu tus y de del en tu lista qué cuál hola sí no para por que tienes \
            hay con está puedo se te",
    active_auxiliaries: "he hemos la_he lo_he las_he los_he",
    passive_auxiliaries: "ha_sido han_sido fue fueron se_ha se_han está_ahora queda quedó",
    participles: "+añadid* +agregad* +cread* -eliminad* -borrad* -quitad* =completad* =terminad* ~hecho ~marcad* \
            ~cambiad* ~actualizad* ~modificad* ~renombrad* ~movid* ~pospuest*",
    stative_claims: "+añadí +agregué -eliminé -borré -quité =completé ~marqué ~cambié ~actualicé ~moví",
    standalone_claims: "listo hecho ya_está todo_listo completado terminado",
    adverbs: Some("ya bien también todo correctamente"),
    negations: "no nada ningún ninguna ninguno nunca sin tampoco pude",
    conditions: "si cuando después antes hasta que para",
    modals: "puedo puede será serán podría quiere quieres",
    past: "ya ayer antes anteriormente",
    others: "más otra otras otro otros demás resto",
    requests: "+añade +añadir +agrega +agregar +crea +recuérdame +pon -elimina -eliminar -borra -borrar -quita \
               =completa =termina ~marca ~marcar ~cambia ~cambiar ~actualiza ~renombra ~mueve ~pospón",
    questions: "qué cuál cuáles cómo cuándo quién dónde muestra muéstrame hay tengo lista cuántas",
    nouns: "tarea tareas elemento elementos",
    all: "todo todos todas",
    numbers: "dos tres cuatro cinco seis siete ocho nueve diez",
    both: "ambas ambos",
    nothing: "No se ha cambiado nada.",
    ..NO_WORDS
};

const PORTUGUESE: Language = Language {
    function_words: "o os as um uma é são eu você seu sua seus e de do da na no lista que qual olá sim não para por tem há \
            com está posso tarefas tarefa",
    active_auxiliaries: "eu_tenho tenho",
    passive_auxiliaries: "foi foram está_agora",
    participles: "+adicionad* +criad* -removid* -excluíd* -apagad* -eliminad* =concluíd* =completad* =terminad* ~feito \
            ~marcad* ~alterad* ~atualizad* ~renomead* ~movid*",
    finite_verbs: "+adicionei +criei +acrescentei -removi -excluí -apaguei -eliminei =concluí =completei ~marquei ~alterei \
           ~atualizei ~renomeei ~movi ~mudei",
    standalone_claims: "feito pronto concluído tudo_pronto prontinho",
    negations: "não nada nenhum nenhuma nunca sem pude consegui",
    conditions: "se quando depois antes até que para",
    modals: "posso pode será serão poderia quer",
    past: "já ontem antes anteriormente",
    others: "mais outra outras outro outros resto",
    requests: "+adicione +adiciona +adicionar +crie +lembre-me -remova -remove -exclua -excluir -apague -apaga \
               =conclua =complete ~marque ~marca ~altere ~mude ~muda ~renomeie ~mova",
    questions: "que qual quais como quando quem onde mostre mostra há tenho liste quantas o_que",
    nouns: "tarefa tarefas item itens",
    all: "tudo todos todas",
    numbers: "dois duas três quatro cinco seis sete oito nove dez",
    both: "ambas ambos",
    nothing: "Nada foi alterado.",
    ..NO_WORDS
};

const ITALIAN: Language = Language {
    function_words: "il lo la gli le un una è sono io tu tuo tua tuoi tue e di del della nella lista che cosa quale ciao sì \
            no non per con hai ci attività posso",
    active_auxiliaries: "ho abbiamo l'ho le_ho li_ho",
    passive_auxiliaries: "è_stata è_stato sono_stati sono_state è_ora",
    participles: "+aggiunt* +creat* -eliminat* -cancellat* -rimoss* -tolt* =completat* ~fatto ~segnat* ~contrassegnat* \
            ~modificat* ~aggiornat* ~rinominat* ~spostat* ~cambiat* ~spuntat*",
    standalone_claims: "fatto tutto_fatto ecco_fatto completato",
    adverbs: Some("già anche appena tutto correttamente"),
    negations: "non niente nulla nessun nessuna nessuno mai senza",
    conditions: "se quando dopo prima finché che",
    modals: "posso può sarà saranno potrebbe vuoi",
    past: "già ieri prima precedentemente",
    others: "altro altra altre altri resto",
    requests: "+aggiungi +aggiungere +crea +ricordami -elimina -eliminare -cancella -cancellare -rimuovi -togli \
               =completa =spunta ~segna ~contrassegna ~modifica ~cambia ~rinomina ~sposta ~aggiorna",
    questions: "che cosa quale quali come quando perché chi dove mostra mostrami ho elenca quante",
    nouns: "attività compito compiti elemento elementi",
    all: "tutto tutti tutte",
    numbers: "due tre quattro cinque sei sette otto nove dieci",
    both: "entrambe entrambi",
    nothing: "Non è stato modificato nulla.",
    ..NO_WORDS
};

const ROMANIAN: Language = Language {
    function_words: "și este sunt eu tu ta tale în pe lista ce care bună da nu pentru cu ai la sarcini sarcina pot un o",
    active_auxiliaries: "am le-am l-am i-am",
    passive_auxiliaries: "a_fost au_fost este_acum sunt_acum",
    participles: "+adăugat* +creat* -șters* -ștearsă -eliminat* =finalizat* =terminat* =bifat* ~marcat* ~modificat* \
            ~actualizat* ~redenumit* ~mutat* ~schimbat*",
    standalone_claims: "gata făcut s-a_făcut",
    adverbs: Some("și deja tot mai"),
    negations: "nu nimic niciun nicio niciodată fără n-am",
    conditions: "dacă când după înainte până",
    modals: "pot poate va vor vrei",
    past: "deja ieri anterior",
    others: "altceva alte celelalte",
    requests: "+adaugă +creează -șterge -elimină =finalizează =bifează ~marchează ~schimbă ~mută ~redenumește",
    questions: "ce care cum când cine unde arată câte",
    nouns: "sarcina sarcini sarcină sarcinile",
    all: "toate tot totul",
    numbers: "două trei patru cinci șase șapte opt nouă zece",
    both: "ambele",
    nothing: "Nu s-a schimbat nimic.",
    ..NO_WORDS
};
