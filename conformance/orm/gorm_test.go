package orm

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"

	"github.com/gaugesql/gaugesql/driver"
)

type device struct {
	ID        uint `gorm:"primaryKey"`
	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt gorm.DeletedAt `gorm:"index"`
	Name      string         `gorm:"size:80;uniqueIndex"`
	Place     *string
	Weight    float64
	Active    bool
	Serial    []byte
	Tags      []string `gorm:"serializer:json;type:text"`
	Readings  []measure
}

type measure struct {
	ID       uint `gorm:"primaryKey"`
	DeviceID uint
	At       time.Time
	Value    string `gorm:"type:numeric(20,4)"`
}

// open is GORM over dwsdriver. DWS has no foreign keys.
func open(t *testing.T, dsn string, config gorm.Config) *gorm.DB {
	t.Helper()
	config.Logger = logger.Discard
	config.DisableForeignKeyConstraintWhenMigrating = true
	db, err := gorm.Open(postgres.New(postgres.Config{DriverName: "dws", DSN: dsn}), &config)
	must(t, err)
	t.Cleanup(func() {
		pool, err := db.DB()
		must(t, err)
		must(t, pool.Close())
	})
	return db
}

// tables makes the tables by hand, as the embedded store has not the catalogue that
// AutoMigrate reads.
func tables(t *testing.T, db *gorm.DB) {
	t.Helper()
	drop := func() {
		must(t, db.Exec("DROP TABLE IF EXISTS measures").Error)
		must(t, db.Exec("DROP TABLE IF EXISTS devices").Error)
	}
	drop()
	t.Cleanup(drop)
	must(t, db.Exec(`CREATE TABLE "devices" ("id" bigserial, "created_at" timestamptz, "updated_at" timestamptz, "deleted_at" timestamptz,
		"name" varchar(80), "place" text, "weight" decimal, "active" boolean, "serial" bytea, "tags" text, PRIMARY KEY ("id"))`).Error)
	must(t, db.Exec(`CREATE UNIQUE INDEX IF NOT EXISTS "idx_devices_name" ON "devices" ("name")`).Error)
	must(t, db.Exec(`CREATE TABLE "measures" ("id" bigserial, "device_id" bigint, "at" timestamptz, "value" numeric(20,4), PRIMARY KEY ("id"))`).Error)
}

func TestGORM(t *testing.T) {
	for name, config := range map[string]gorm.Config{
		"plain": {}, "prepared": {PrepareStmt: true}, "no default transaction": {SkipDefaultTransaction: true},
	} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, dsn string) {
				db := open(t, dsn, config)
				tables(t, db)
				use(t, db)
			})
		})
	}
}

func use(t *testing.T, db *gorm.DB) {
	place := "it's 日本"
	at := time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
	first := device{Name: "first", Place: &place, Weight: 0.1, Active: true, Serial: []byte{0, 255, '\''}, Tags: []string{"a", "b"},
		Readings: []measure{{At: at, Value: "1.5000"}, {At: at.Add(time.Second), Value: "-12345678901234.5678"}}}
	must(t, db.Create(&first).Error) // with its measures, in a transaction
	if first.ID == 0 || first.Readings[1].ID == 0 || first.Readings[0].DeviceID != first.ID {
		t.Fatalf("ids are not returned: %+v", first)
	}
	var many []device
	for i := range 25 {
		many = append(many, device{Name: fmt.Sprintf("d%02d", i), Weight: float64(i), Active: i%2 == 0})
	}
	must(t, db.CreateInBatches(&many, 10).Error)
	same(t, many[24].ID != 0, true)

	var got device
	must(t, db.Preload("Readings", func(q *gorm.DB) *gorm.DB { return q.Order("at") }).First(&got, "name = ?", "first").Error)
	if *got.Place != place || got.Weight != 0.1 || !got.Active || !slices.Equal(got.Serial, first.Serial) || !slices.Equal(got.Tags, first.Tags) {
		t.Errorf("got %+v", got)
	}
	if len(got.Readings) != 2 || got.Readings[1].Value != "-12345678901234.5678" || !got.Readings[0].At.Equal(at) {
		t.Errorf("got %+v", got.Readings)
	}
	if err := db.First(&device{}, "name = ?", "nobody").Error; !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Errorf("the error is %v", err)
	}
	err := db.Create(&device{Name: "first"}).Error
	if !errors.Is(err, driver.ErrIntegrity) {
		t.Errorf("the error of a duplicate is %v", err)
	}

	// Conditions, order, pages, aggregates, joins.
	var names []string
	must(t, db.Model(&device{}).Where("weight BETWEEN ? AND ?", 3, 6).Where(db.Where("active = ?", true).Or("name IN ?", []string{"d03", "d05"})).
		Order("name desc").Limit(3).Offset(1).Pluck("name", &names).Error)
	if !slices.Equal(names, []string{"d05", "d04", "d03"}) {
		t.Errorf("got %q", names)
	}
	var count int64
	must(t, db.Model(&device{}).Where("place IS NULL AND name LIKE ?", "d%").Count(&count).Error)
	same(t, count, 25)
	var groups []struct {
		Active bool
		Heavy  float64
		N      int
	}
	must(t, db.Model(&device{}).Select("active, max(weight) AS heavy, count(*) AS n").Where("name <> ?", "first").Group("active").Having("count(*) > ?", 5).Order("active").Scan(&groups).Error)
	if len(groups) != 2 || groups[0].N != 12 || groups[1].Heavy != 24 {
		t.Errorf("got %+v", groups)
	}
	var joined []struct{ Name, Value string }
	must(t, db.Table("devices").Select("devices.name, m.value").Joins("JOIN measures m ON m.device_id = devices.id").Where("m.at > ?", at).Scan(&joined).Error)
	if len(joined) != 1 || joined[0].Name != "first" {
		t.Errorf("got %+v", joined)
	}

	// Changes.
	must(t, db.Model(&got).Updates(map[string]any{"place": nil, "weight": gorm.Expr("weight + ?", 1)}).Error)
	got = device{}
	must(t, db.First(&got, first.ID).Error)
	if got.Place != nil || got.Weight != 1.1 {
		t.Errorf("got %+v", got)
	}
	got.Name = "renamed"
	must(t, db.Save(&got).Error)
	var back []device
	res := db.Clauses(clause.Returning{Columns: []clause.Column{{Name: "name"}}}).Model(&back).Where("weight > ?", 20).Update("active", false)
	must(t, res.Error)
	same(t, res.RowsAffected, 4)
	same(t, len(back), 4)
	must(t, db.Clauses(clause.OnConflict{DoNothing: true}).Create(&device{Name: "renamed"}).Error)
	must(t, db.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"weight"})}).Create(&device{Name: "renamed", Weight: 9}).Error)
	must(t, db.First(&got, "name = ?", "renamed").Error)
	same(t, got.Weight, 9)

	// Deletion leaves the row; it is found on demand.
	must(t, db.Delete(&device{}, "name = ?", "d00").Error)
	if err := db.First(&device{}, "name = ?", "d00").Error; !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Errorf("the error is %v", err)
	}
	must(t, db.Unscoped().First(&device{}, "name = ?", "d00").Error)
	res = db.Unscoped().Where("weight < ?", 2).Delete(&device{})
	must(t, res.Error)
	same(t, res.RowsAffected, 2)

	// Transactions, one within the other by a savepoint.
	must(t, db.Transaction(func(tx *gorm.DB) error {
		must(t, tx.Create(&device{Name: "kept"}).Error)
		_ = tx.Transaction(func(inner *gorm.DB) error {
			must(t, inner.Create(&device{Name: "dropped"}).Error)
			return errors.New("no")
		})
		return nil
	}))
	if err := db.Transaction(func(tx *gorm.DB) error {
		must(t, tx.Create(&device{Name: "never"}).Error)
		return errors.New("no")
	}); err == nil {
		t.Error("the transaction is committed")
	}
	must(t, db.Model(&device{}).Where("name IN ?", []string{"kept", "dropped", "never"}).Pluck("name", &names).Error)
	if !slices.Equal(names, []string{"kept"}) {
		t.Errorf("got %q", names)
	}

	seen := 0
	var batch []device
	must(t, db.Where("name LIKE 'd%'").FindInBatches(&batch, 7, func(_ *gorm.DB, _ int) error { seen += len(batch); return nil }).Error)
	same(t, seen, 23)
	var total float64
	must(t, db.Raw("SELECT sum(weight) FROM devices WHERE name = @name", map[string]any{"name": "renamed"}).Scan(&total).Error)
	same(t, total, 9)

	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := db.Create(&device{Name: fmt.Sprintf("p%d", i)}).Error; err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	must(t, db.Model(&device{}).Where("name LIKE ?", "p%").Count(&count).Error)
	same(t, count, 20)
}

// TestMigrate lets GORM make its tables, which needs PostgreSQL's catalogue.
func TestMigrate(t *testing.T) {
	db := open(t, coordinator(t), gorm.Config{})
	must(t, db.Migrator().DropTable(&measure{}, &device{}))
	must(t, db.AutoMigrate(&device{}, &measure{}))
	must(t, db.AutoMigrate(&device{}, &measure{})) // finds nothing to do
	t.Cleanup(func() { must(t, db.Migrator().DropTable(&measure{}, &device{})) })
	m := db.Migrator()
	same(t, m.HasTable(&device{}) && m.HasColumn(&device{}, "weight") && m.HasIndex(&device{}, "Name"), true)
	types, err := m.ColumnTypes(&device{})
	must(t, err)
	same(t, len(types), 10)
	type device struct{ Colour string }
	must(t, m.AddColumn(&device{}, "Colour"))
	same(t, m.HasColumn(&device{}, "colour"), true)
	must(t, m.DropColumn(&device{}, "colour"))
}

func TestMigrated(t *testing.T) {
	db := open(t, coordinator(t), gorm.Config{})
	must(t, db.Migrator().DropTable(&measure{}, &device{}))
	must(t, db.AutoMigrate(&device{}, &measure{}))
	t.Cleanup(func() { must(t, db.Migrator().DropTable(&measure{}, &device{})) })
	use(t, db)
}
